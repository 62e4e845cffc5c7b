#include "gguf/hostile_case.h"

#include <doctest/doctest.h>

namespace samovar::gguf {
namespace {

constexpr uint64_t kTwoTo62 = uint64_t{1} << 62;

const HostileCase kShapes[] = {
    {"tensor name length 2^64 - 1", [](TestFile& f) { f.tensors[1].name_length = UINT64_MAX; },
     Code::kCorrupt, "tensor, name at byte"},
    {"tensor name longer than the file", [](TestFile& f) { f.tensors[1].name_length = 4096; },
     Code::kCorrupt, "tensor, name at byte"},
    {"tensor name of 65,536 bytes", [](TestFile& f) { f.tensors[1].name.assign(65'536, 't'); },
     Code::kTooLarge, "tensor, name at byte"},
    {"empty tensor name", [](TestFile& f) { f.tensors[1].name = ""; }, Code::kCorrupt,
     "tensor, name at byte"},
    {"duplicate tensor", [](TestFile& f) { f.tensors[1].name = "a.weight"; }, Code::kCorrupt,
     "tensor 'a.weight': stands in the file twice"},
    {"n_dims 0", [](TestFile& f) { f.tensors[1].n_dims = 0; }, Code::kCorrupt,
     "tensor 'b.weight', n_dims at byte"},
    {"n_dims 5",
     [](TestFile& f) {
       f.tensors[1].dims = {32, 1, 1, 1, 1};
     },
     Code::kCorrupt, "expected 1 to 4, found 5"},
    {"n_dims 2^32 - 1", [](TestFile& f) { f.tensors[1].n_dims = UINT32_MAX; }, Code::kCorrupt,
     "n_dims"},
    {"first dimension 0",
     [](TestFile& f) {
       f.tensors[1].dims = {0, 3};
     },
     Code::kCorrupt, "tensor 'b.weight', record at byte"},
    {"last dimension 0",
     [](TestFile& f) {
       f.tensors[1].dims = {32, 0};
     },
     Code::kCorrupt, "dimension 1: expected 1 to 2^63 - 1, found 0"},
    {"dimension -1",
     [](TestFile& f) {
       f.tensors[1].dims = {32, UINT64_MAX};
     },
     Code::kCorrupt, "dimension 1: expected 1 to 2^63 - 1, found 18446744073709551615"},
    {"dimension 2^63", [](TestFile& f) { f.tensors[1].dims = {uint64_t{1} << 63}; }, Code::kCorrupt,
     "dimension 0"},
    {"element count wraps to 0",
     [](TestFile& f) {
       f.tensors[0].dims = {kTwoTo62, 2, 2};
     },
     Code::kCorrupt, "the product of its dimensions"},
    {"element count wraps to a small number",
     [](TestFile& f) {
       f.tensors[0].dims = {(uint64_t{1} << 42) + 1, uint64_t{1} << 22, 1};
     },
     Code::kCorrupt, "the product of its dimensions"},
    {"dimensions INT64_MAX, 2",
     [](TestFile& f) {
       f.tensors[0].dims = {INT64_MAX, 2};
     },
     Code::kCorrupt, "the product of its dimensions"},
    {"size in bytes wraps though the element count does not",
     [](TestFile& f) { f.tensors[0].dims = {kTwoTo62}; }, Code::kCorrupt,
     "its size is over 2^64 - 1 bytes"},
    {"size in bytes wraps by the number of rows",
     [](TestFile& f) {
       f.tensors[0].dims = {uint64_t{1} << 31, uint64_t{1} << 31};
     },
     Code::kCorrupt, "its size is over 2^64 - 1 bytes"},
    {"row that ends inside a block of 32",
     [](TestFile& f) {
       f.tensors[1].dims = {33, 3};
     },
     Code::kCorrupt, "dimension 0: expected a multiple of 32 for Q8_0, found 33"},
    {"row that ends inside a block, element count a multiple of it",
     [](TestFile& f) {
       f.tensors[1].dims = {16, 2};
     },
     Code::kCorrupt, "found 16"},
    {"row that ends inside a block of 256",
     [](TestFile& f) {
       f.tensors[1] = {"b.weight", {128, 2}, 12, 32};
     },
     Code::kCorrupt, "expected a multiple of 256 for Q4_K, found 128"},
};

TEST_CASE("a broken tensor shape is refused by tensor and field") {
  check_refused(kShapes);
}

const HostileCase kTypes[] = {
    {"type id 43, unknown", [](TestFile& f) { f.tensors[1].type = 43; }, Code::kUnsupported,
     "type id 43 is unknown"},
    {"type id 2^32 - 1", [](TestFile& f) { f.tensors[1].type = UINT32_MAX; }, Code::kUnsupported,
     "tensor 'b.weight', record at byte"},
    {"type Q4_2, dropped from the format", [](TestFile& f) { f.tensors[1].type = 4; },
     Code::kUnsupported, "type id 4 (Q4_2) was dropped"},
    {"type Q4_0_8_8, dropped from the format", [](TestFile& f) { f.tensors[1].type = 33; },
     Code::kUnsupported, "Q4_0_8_8"},
};

TEST_CASE("a tensor of no known type is refused by name") {
  check_refused(kTypes);
}

const HostileCase kPlaces[] = {
    {"offset not aligned", [](TestFile& f) { f.tensors[1].offset = 33; }, Code::kCorrupt,
     "offset: expected a multiple of the alignment 32, found 33"},
    {"offset past the end", [](TestFile& f) { f.tensors[1].offset = 160; }, Code::kCorrupt,
     "offset 160 + 102 bytes is past the end"},
    {"offset 2^63", [](TestFile& f) { f.tensors[1].offset = uint64_t{1} << 63; }, Code::kCorrupt,
     "past the end"},
    {"offset + size wraps to a small number",
     [](TestFile& f) { f.tensors[1].offset = UINT64_MAX - 31; }, Code::kCorrupt, "past the end"},
    {"data one byte short", [](TestFile& f) { f.data_bytes -= 1; }, Code::kCorrupt,
     "tensor 'b.weight'"},
    {"no data at all", [](TestFile& f) { f.data_bytes = 0; }, Code::kCorrupt, "tensor 'a.weight'"},
    {"file ends before the data section",
     [](TestFile& f) {
       f.alignment = 1;
       f.data_bytes = 0;
     },
     Code::kCorrupt, "tensor data: expected at byte"},
    {"the same place twice", [](TestFile& f) { f.tensors[1].offset = 0; }, Code::kCorrupt,
     "overlaps tensor"},
    {"second tensor begins inside the first",
     [](TestFile& f) {
       f.tensors[0].dims = {4, 3};
       f.data_bytes = 512;
     },
     Code::kCorrupt, "tensor 'b.weight', record at byte"},
    {"overlap with a tensor listed later",
     [](TestFile& f) {
       f.tensors[0].offset = 64;
       f.data_bytes = 512;
     },
     Code::kCorrupt, "offset 64 overlaps tensor 'b.weight', which ends at 134"},
    {"one tensor inside a larger one, a third between their offsets",
     [](TestFile& f) {
       f.tensors = {{"big", {64}, 0, 0}, {"far", {8}, 0, 256}, {"in", {8}, 0, 96}};
       f.data_bytes = 512;
     },
     Code::kCorrupt, "tensor 'in'"},
    {"alignment key larger than the offsets use",
     [](TestFile& f) {
       f.keys.push_back({"general.alignment", 4, le(uint32_t{64})});
       f.alignment = 64;
       f.data_bytes = 512;
     },
     Code::kCorrupt, "multiple of the alignment 64, found 32"},
};

TEST_CASE("tensor data in the wrong place is refused by tensor and field") {
  check_refused(kPlaces);
}

}  // namespace
}  // namespace samovar::gguf
