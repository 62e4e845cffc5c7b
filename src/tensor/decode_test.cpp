#include "tensor/decode.h"

#include "tensor/dtype.h"

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace samovar {
namespace {

constexpr int kRows = 4;
constexpr int kCols = 512;

struct GoldenRow {
  unsigned long long decoded_fnv1a = 0;
  std::vector<std::byte> stored;
};

struct GoldenType {
  std::string name;
  unsigned id = 0, block_elements = 0, block_bytes = 0;
  GoldenRow rows[kRows];
};

std::vector<std::byte> from_hex(const std::string& hex) {
  std::vector<std::byte> bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::vector<GoldenType> load_golden() {
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(
      std::fopen(SAMOVAR_TEST_DATA "/quants/quants.txt", "r"));
  REQUIRE(file != nullptr);
  std::fscanf(file.get(), "#%*[^\n]\n#%*[^\n]\n");
  std::vector<GoldenType> types;
  char word[16];
  GoldenType type;
  while (std::fscanf(file.get(), "%15s %u %u %u", word, &type.id, &type.block_elements,
                     &type.block_bytes) == 4) {
    type.name = word;
    for (GoldenRow& row : type.rows) {
      std::string hex(4 * kCols + 2 * kCols * 4, '\0');
      REQUIRE(std::fscanf(file.get(), "%llx %6143s", &row.decoded_fnv1a, hex.data()) == 2);
      hex.resize(std::strlen(hex.c_str()));
      row.stored = from_hex(hex);
    }
    types.push_back(type);
  }
  return types;
}

unsigned long long fnv1a(const std::vector<float>& values) {
  unsigned long long hash = 0xcbf29ce484222325;
  for (const float value : values) {
    unsigned char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    for (const unsigned char byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
  }
  return hash;
}

TEST_CASE("every storage type decodes to the bits of the reference, at any alignment") {
  const std::vector<GoldenType> types = load_golden();
  CHECK(types.size() == 15);
  for (const GoldenType& golden : types) {
    CAPTURE(golden.name);
    const std::optional<DType> dtype = dtype_from_id(golden.id);
    REQUIRE(dtype.has_value());
    CHECK(traits(*dtype).name == golden.name);
    CHECK(traits(*dtype).block_elements == golden.block_elements);
    CHECK(traits(*dtype).block_bytes == golden.block_bytes);
    for (int r = 0; r < kRows; ++r) {
      CAPTURE(r);
      const std::vector<std::byte>& stored = golden.rows[r].stored;
      REQUIRE(stored.size() == row_bytes(*dtype, kCols));
      for (const size_t misalignment : {0U, 1U}) {
        std::vector<std::byte> shifted(misalignment);
        shifted.insert(shifted.end(), stored.begin(), stored.end());
        std::vector<float> decoded(kCols);
        decode_row(*dtype, shifted.data() + misalignment, kCols, decoded.data());
        CHECK(fnv1a(decoded) == golden.rows[r].decoded_fnv1a);
      }
    }
  }
}

TEST_CASE("a golden hash notices a single changed bit") {
  const std::vector<GoldenType> types = load_golden();
  std::vector<std::byte> stored = types[2].rows[0].stored;
  stored[5] ^= std::byte{1};
  std::vector<float> decoded(kCols);
  decode_row(*dtype_from_id(types[2].id), stored.data(), kCols, decoded.data());
  CHECK(fnv1a(decoded) != types[2].rows[0].decoded_fnv1a);
}

TEST_CASE("decoding nothing writes nothing") {
  decode_row(DType::kQ4_K, nullptr, 0, nullptr);
}

}  // namespace
}  // namespace samovar
