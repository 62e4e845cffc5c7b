#include "gguf/hostile_case.h"

#include <array>

#include <doctest/doctest.h>

namespace samovar::gguf {
namespace {

void add_key(TestFile& f, uint32_t type, std::string payload) {
  f.keys.push_back({"bad", type, std::move(payload)});
}

void set_alignment(TestFile& f, uint32_t type, std::string payload) {
  f.keys.push_back({"general.alignment", type, std::move(payload)});
}

// Cuts everything behind the keys, so that the last key's bytes are the last of the file.
void end_after_keys(TestFile& f) {
  f.tensors.clear();
  f.data_bytes = 0;
  f.alignment = 1;
}

const HostileCase kHeader[] = {
    {"older format ggjt", [](TestFile& f) { f.magic = "tjgg"; }, Code::kCorrupt,
     "header, magic at byte 0: expected 'GGUF', found 'tjgg'"},
    {"magic in lower case", [](TestFile& f) { f.magic = "gguf"; }, Code::kCorrupt,
     "magic at byte 0"},
    {"unprintable magic", [](TestFile& f) { f.magic = std::string("\0\xff\n\x7f", 4); },
     Code::kCorrupt, "found '\\x00\\xff\\x0a\\x7f'"},
    {"version 0", [](TestFile& f) { f.version = 0; }, Code::kCorrupt, "version at byte 4"},
    {"version 1", [](TestFile& f) { f.version = 1; }, Code::kUnsupported,
     "version at byte 4: expected GGUF version 2 or 3, found 1"},
    {"version 4", [](TestFile& f) { f.version = 4; }, Code::kUnsupported, "found 4"},
    {"version -1", [](TestFile& f) { f.version = UINT32_MAX; }, Code::kUnsupported, "version"},
    {"big-endian version 3", [](TestFile& f) { f.version = 3U << 24; }, Code::kUnsupported,
     "big-endian"},
    {"big-endian version 2", [](TestFile& f) { f.version = 2U << 24; }, Code::kUnsupported,
     "big-endian"},
    {"n_tensors 2^64 - 1", [](TestFile& f) { f.n_tensors = UINT64_MAX; }, Code::kCorrupt,
     "header, n_tensors at byte 8: 18446744073709551615 do not fit"},
    {"n_tensors 2^63", [](TestFile& f) { f.n_tensors = uint64_t{1} << 63; }, Code::kCorrupt,
     "n_tensors"},
    {"n_tensors 2^32", [](TestFile& f) { f.n_tensors = uint64_t{1} << 32; }, Code::kCorrupt,
     "n_tensors"},
    {"n_tensors whose product with the record size wraps to a small number",
     [](TestFile& f) { f.n_tensors = UINT64_MAX / 33 + 1; }, Code::kCorrupt, "n_tensors"},
    {"n_tensors over the limit, file large enough",
     [](TestFile& f) {
       f.n_tensors = 65'537;
       f.data_bytes = 65'537 * 33;
     },
     Code::kTooLarge, "n_tensors at byte 8: 65537 tensors, the limit is 65536"},
    {"n_kv 2^64 - 1", [](TestFile& f) { f.n_keys = UINT64_MAX; }, Code::kCorrupt,
     "header, n_kv at byte 16"},
    {"n_kv 2^63", [](TestFile& f) { f.n_keys = uint64_t{1} << 63; }, Code::kCorrupt, "n_kv"},
    {"n_kv 2^31", [](TestFile& f) { f.n_keys = uint64_t{1} << 31; }, Code::kCorrupt, "n_kv"},
    {"n_kv over the limit, file large enough",
     [](TestFile& f) {
       f.n_keys = 65'537;
       f.data_bytes = 65'537 * 14;
     },
     Code::kTooLarge, "n_kv at byte 16: 65537 keys, the limit is 65536"},
    {"n_kv one too many: a tensor record is read as a key", [](TestFile& f) { f.n_keys = 18; },
     Code::kCorrupt, "tensor, name at byte"},
    {"n_kv one too few: a key is read as a tensor record", [](TestFile& f) { f.n_keys = 16; },
     Code::kCorrupt, "tensor 'empty', n_dims"},
};

TEST_CASE("a broken header is refused by the name of its field") {
  check_refused(kHeader);
}

const HostileCase kKeys[] = {
    {"key name length wraps to 0 when 1 is added",
     [](TestFile& f) { f.keys[3].name_length = UINT64_MAX; }, Code::kCorrupt, "key, name at byte"},
    {"key name longer than the file", [](TestFile& f) { f.keys[3].name_length = 1 << 20; },
     Code::kCorrupt, "key, name at byte"},
    {"key name of 65,536 bytes", [](TestFile& f) { f.keys[3].name.assign(65'536, 'k'); },
     Code::kTooLarge, "key, name at byte"},
    {"empty key name", [](TestFile& f) { f.keys[3].name = ""; }, Code::kCorrupt,
     "key, name at byte"},
    {"duplicate key", [](TestFile& f) { f.keys[3].name = "u32"; }, Code::kCorrupt,
     "key 'u32': stands in the file twice"},
    {"key name with control bytes in the message",
     [](TestFile& f) {
       f.keys[3].name = "\x1b[31m";
       f.keys[3].type = 99;
     },
     Code::kCorrupt, "key '\\x1b[31m', value type"},
    {"value type 13", [](TestFile& f) { add_key(f, 13, le(uint8_t{0})); }, Code::kCorrupt,
     "key 'bad', value type at byte"},
    {"value type 2^32 - 1", [](TestFile& f) { add_key(f, UINT32_MAX, le(uint8_t{0})); },
     Code::kCorrupt, "found 4294967295"},
    {"bool of 2", [](TestFile& f) { add_key(f, 7, le(uint8_t{2})); }, Code::kCorrupt,
     "key 'bad', value at byte"},
    {"bool of 255", [](TestFile& f) { add_key(f, 7, le(uint8_t{255})); }, Code::kCorrupt,
     "expected a bool of 0 or 1"},
    {"scalar cut off",
     [](TestFile& f) {
       end_after_keys(f);
       add_key(f, 10, "1234");
     },
     Code::kCorrupt, "key 'bad', value at byte"},
    {"value type cut off",
     [](TestFile& f) {
       end_after_keys(f);
       f.keys.push_back({"a key that ends with its type", 0, ""});
     },
     Code::kCorrupt, "expected 1 bytes, found 0"},
    {"string length 2^64 - 1", [](TestFile& f) { add_key(f, 8, le(UINT64_MAX)); }, Code::kCorrupt,
     "key 'bad', string at byte"},
    {"string length 2^63", [](TestFile& f) { add_key(f, 8, le(uint64_t{1} << 63)); },
     Code::kCorrupt, "key 'bad', string"},
    {"string over 16 MiB, all of it in the file",
     [](TestFile& f) { add_key(f, 8, str(std::string((16 << 20) + 1, 's'))); }, Code::kTooLarge,
     "string of 16777217 bytes, the limit is 16777216"},
    {"string length cut off",
     [](TestFile& f) {
       end_after_keys(f);
       add_key(f, 8, "1234567");
     },
     Code::kCorrupt, "key 'bad', string at byte"},
};

TEST_CASE("a broken key is refused by its name and field") {
  check_refused(kKeys);
}

const HostileCase kArrays[] = {
    {"element type 13", [](TestFile& f) { add_key(f, 9, array(13, 0, "")); }, Code::kCorrupt,
     "key 'bad', element type at byte"},
    {"array of arrays",
     [](TestFile& f) { add_key(f, 9, array(9, 1, array(4, 1, le(uint32_t{0})))); },
     Code::kUnsupported, "arrays of arrays"},
    {"u64 array whose size in bytes wraps to 0",
     [](TestFile& f) { add_key(f, 9, array(10, uint64_t{1} << 61, "")); }, Code::kCorrupt,
     "key 'bad', array length at byte"},
    {"u32 array whose size in bytes wraps to 4",
     [](TestFile& f) { add_key(f, 9, array(4, (uint64_t{1} << 62) + 1, le(uint32_t{0}))); },
     Code::kCorrupt, "array length"},
    {"u8 array of 2^64 - 1", [](TestFile& f) { add_key(f, 9, array(0, UINT64_MAX, "")); },
     Code::kCorrupt, "array length"},
    {"string array of 2^61 strings",
     [](TestFile& f) { add_key(f, 9, array(8, uint64_t{1} << 61, str("a"))); }, Code::kCorrupt,
     "array length"},
    {"string array with one string more than is there",
     [](TestFile& f) {
       end_after_keys(f);
       add_key(f, 9, array(8, 3, str("a") + str("b") + "1234567"));
     },
     Code::kCorrupt, "key 'bad', string in the array at byte"},
    {"string in an array with length 2^64 - 1",
     [](TestFile& f) { add_key(f, 9, array(8, 2, str("a") + le(UINT64_MAX))); }, Code::kCorrupt,
     "string in the array"},
    {"string in an array over 16 MiB",
     [](TestFile& f) { add_key(f, 9, array(8, 1, str(std::string((16 << 20) + 1, 's')))); },
     Code::kTooLarge, "string in the array"},
    {"bool array with a 3",
     [](TestFile& f) { add_key(f, 9, array(7, 3, le(uint8_t{0}, uint8_t{3}, uint8_t{1}))); },
     Code::kCorrupt, "expected bools of 0 or 1"},
    {"f32 array cut off",
     [](TestFile& f) {
       end_after_keys(f);
       add_key(f, 9, array(6, 3, le(1.0F, 2.0F)));
     },
     Code::kCorrupt, "key 'bad', array length"},
    {"array of 2^22 + 1 elements, all in the file",
     [](TestFile& f) { add_key(f, 9, array(1, (1 << 22) + 1, std::string((1 << 22) + 1, 'i'))); },
     Code::kTooLarge, "4194305 elements, the limit is 4194304"},
    {"array length cut off",
     [](TestFile& f) {
       end_after_keys(f);
       add_key(f, 9, le(uint32_t{4}, uint32_t{1}));
     },
     Code::kCorrupt, "key 'bad', array length"},
};

TEST_CASE("a broken array is refused by its key and field") {
  check_refused(kArrays);
}

const HostileCase kAlignment[] = {
    {"alignment 0", [](TestFile& f) { set_alignment(f, 4, le(uint32_t{0})); }, Code::kCorrupt,
     "key 'general.alignment': expected a power of two from 8 to 65536, found 0"},
    {"alignment 4", [](TestFile& f) { set_alignment(f, 4, le(uint32_t{4})); }, Code::kCorrupt,
     "found 4"},
    {"alignment 12", [](TestFile& f) { set_alignment(f, 4, le(uint32_t{12})); }, Code::kCorrupt,
     "found 12"},
    {"alignment 131072", [](TestFile& f) { set_alignment(f, 4, le(uint32_t{131'072})); },
     Code::kCorrupt, "found 131072"},
    {"alignment 2^31", [](TestFile& f) { set_alignment(f, 4, le(uint32_t{1} << 31)); },
     Code::kCorrupt, "general.alignment"},
    {"alignment as a u64", [](TestFile& f) { set_alignment(f, 10, le(uint64_t{32})); },
     Code::kCorrupt, "key 'general.alignment': expected a u32, found u64"},
    {"alignment as an i32", [](TestFile& f) { set_alignment(f, 5, le(int32_t{32})); },
     Code::kCorrupt, "found i32"},
    {"alignment as a string", [](TestFile& f) { set_alignment(f, 8, str("32")); }, Code::kCorrupt,
     "found string"},
    {"alignment as an array",
     [](TestFile& f) { set_alignment(f, 9, array(4, 1, le(uint32_t{32}))); }, Code::kCorrupt,
     "found array"},
};

TEST_CASE("a broken alignment is refused by its key") {
  check_refused(kAlignment);
}

void nothing(TestFile&) {}

const HostileCase kLimits[] = {
    {"keys", nothing, Code::kTooLarge, "n_kv", {.max_keys = 16}},
    {"tensors", nothing, Code::kTooLarge, "n_tensors", {.max_tensors = 1}},
    {"strings", nothing, Code::kTooLarge, "the limit is 4", {.max_string_bytes = 4}},
    {"array elements",
     nothing,
     Code::kTooLarge,
     "key 'strings', array length",
     {.max_array_elements = 1}},
    {"metadata, inside a key", nothing, Code::kTooLarge, "key ", {.max_metadata_bytes = 300}},
    {"metadata, inside an array",
     [](TestFile& f) { add_key(f, 9, array(0, 1000, std::string(1000, 'a'))); },
     Code::kTooLarge,
     "below the limit for metadata",
     {.max_metadata_bytes = 700}},
    {"metadata, inside a tensor record",
     nothing,
     Code::kTooLarge,
     "tensor ",
     {.max_metadata_bytes = 500}},
};

TEST_CASE("each limit can be lowered and holds") {
  check_refused(kLimits);
}

}  // namespace
}  // namespace samovar::gguf
