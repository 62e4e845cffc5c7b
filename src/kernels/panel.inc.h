// Panel: 256 elements of 16 weight rows, unpacked so that lanes are rows. It lives in L1 between
// the unpacker, which reads the file's blocks, and the tiles, which run all tokens over it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

constexpr int kPanelRows = 16;

// What goes with the codes. Types of 256 elements use the first line of d and m.
struct alignas(64) Scales {
  uint8_t scale[16][64];  // types of 256: per group or pair of groups, what Dot::fold takes
  uint8_t pairs[8][64];   // types of 256: int16 pairs that meet the code sums of two groups
  float d[8][16];         // per block of 32
  float m[8][16];         // minimum (types of 256: dmin) per block of 32
};

struct Panel {
  alignas(64) uint8_t codes[64][64];  // lines: four codes of each row
  Scales scales;
};

// Which four elements a line of a superblock has: neighbours, or where D::kPaired two of the first
// half and the same two of the second (CodeOrder). Unpackers walk over kSpan elements and make of
// 16 of them, or of 16 and those 128 after them, kParts times four lines from first_line() on: four
// at a time, since the registers of AVX2 hold no more.
template <class D>
struct LineOrder {
  static constexpr int kSpan = D::kPaired ? 128 : 256;
  static constexpr int kParts = D::kPaired ? 2 : 1;
  static constexpr int first_line(int element) { return element / 16 * kParts * 4; }
};

// Unpackers: Type::unpack(rows, ...) reads the blocks that the rows are at, writes the scales, then
// gives the lines of codes to the sink: in any order, but of the lines that Dot adds up before it
// scales, the first comes first and the last last. Every load stays inside its block. Each type
// also says what its tile must know: kGroup elements share a scale, kMaxCode bounds the stored
// codes, which have kBias added; kPairs (types of 256) tells what Scales::pairs holds: minimums
// with a scale of their own, or -bias times the scales, unless the sums are centred. The sink says
// with `Products` what it does with the lines of a superblock.
enum class Pairs { kNone, kMinimum, kBias };
template <class Type>
constexpr int kPairLines = 128 / Type::kGroup;
template <class D, class Type>
constexpr bool kHasBiasPairs = Type::kPairs == Pairs::kBias && !D::template centred<Type>();

// A sink of unpackers: takes line after line of codes and stores them.
struct StoreLines {
  using Products = Dot;
  uint8_t (*lines)[64];
  void operator()(int line, I32x16 codes) { store_line(lines[line], codes); }
};

// Where the rows of the next panel start: to be prefetched while this one is unpacked.
struct NextRows {
  uintptr_t address;
  size_t stride;
  template <size_t kBytes>
  void fetch(size_t row) const {
#pragma GCC unroll 8
    for (size_t at = 0; at < kBytes; at += 64) prefetch(address + row * stride + at);
  }
  // The share of one of an unpacker's kSteps steps.
  template <size_t kBytes, int kSteps>
  void fetch_share(int step) const {
    constexpr int kRows = kPanelRows / kSteps;
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) fetch<kBytes>(static_cast<size_t>(kRows * step + r));
  }
};

// Sixteen bytes of sixteen rows, of rows 0, 4, 8 and 12 in `a`, 1, 5, 9 and 13 in `b` and so on, to
// words: w[i] holds bytes 4i..4i+3 of every row.
[[gnu::always_inline]] inline void quarters_to_words(I32x16 a, I32x16 b, I32x16 c, I32x16 d,
                                                     I32x16 (&w)[4]) {
  const I32x16 ab_low = unpack_low_words(a, b);
  const I32x16 cd_low = unpack_low_words(c, d);
  const I32x16 ab_high = unpack_high_words(a, b);
  const I32x16 cd_high = unpack_high_words(c, d);
  w[0] = unpack_low_pairs(ab_low, cd_low);
  w[1] = unpack_high_pairs(ab_low, cd_low);
  w[2] = unpack_low_pairs(ab_high, cd_high);
  w[3] = unpack_high_pairs(ab_high, cd_high);
}

// Sixteen rows, each 16 bytes of which are one load: from every fourth row an address is one
// operand of an instruction. (GCC 12, left alone, makes the addresses of all sixteen, with an
// instruction each or before a loop, when most of them end in vector registers.)
class SixteenRows {
 public:
  [[gnu::always_inline]] SixteenRows(const uint8_t* first, size_t stride)
      : stride_(stride), stride3_(3 * stride) {
    const size_t stride4 = 4 * stride;
    row0_ = first;
    row4_ = row0_ + stride4;
    row8_ = row4_ + stride4;
    row12_ = row8_ + stride4;
    asm("" : "+r"(stride3_));
    keep();
  }
  [[gnu::always_inline]] void advance(size_t n_bytes) {
    row0_ += n_bytes;
    row4_ += n_bytes;
    row8_ += n_bytes;
    row12_ += n_bytes;
    keep();
  }
  // Sixteen bytes, from `offset` on, of row kRow and of every fourth row after it.
  template <int kRow>
  [[gnu::always_inline]] I32x16 quarter(ptrdiff_t offset) const {
    const size_t at = kRow == 3 ? stride3_ : kRow * stride_;
    return load_quarter(row0_ + at + offset, row4_ + at + offset, row8_ + at + offset,
                        row12_ + at + offset);
  }

 private:
  // These four, and nothing that the compiler thinks of instead.
  [[gnu::always_inline]] void keep() {
    asm("" : "+r"(row0_), "+r"(row4_), "+r"(row8_), "+r"(row12_));
  }

  const uint8_t *row0_, *row4_, *row8_, *row12_;
  size_t stride_, stride3_;
};

// Sixteen bytes of sixteen rows: w[i] holds bytes 4i..4i+3 of every row. (Quarters in an array, or
// as unnamed arguments, take a tenth more instructions with GCC 12.)
[[gnu::always_inline]] inline void load_words(const SixteenRows& rows, ptrdiff_t offset,
                                              I32x16 (&w)[4]) {
  const I32x16 a = rows.quarter<0>(offset);
  const I32x16 b = rows.quarter<1>(offset);
  const I32x16 c = rows.quarter<2>(offset);
  const I32x16 d = rows.quarter<3>(offset);
  quarters_to_words(a, b, c, d, w);
}

// Sixteen bytes that are pairs of bytes of a quarter and of those kHalf later, or where kHalf is 0
// of the high halves of the same bytes: the first (part 0) or last 8 of each.
template <int kHalf, int kRow>
inline I32x16 load_paired_quarter(const SixteenRows& rows, ptrdiff_t offset, int part) {
  const I32x16 first = rows.quarter<kRow>(offset);
  const I32x16 second = kHalf == 0 ? shift_right<4>(first) : rows.quarter<kRow>(offset + kHalf);
  return part == 0 ? unpack_low_halves(first, second) : unpack_high_halves(first, second);
}

// Four lines of the 16 bytes from `offset` on of each row; in paired order, of the first or last 8
// of them and of those kHalf bytes later.
template <class D, int kHalf>
[[gnu::always_inline]] inline void load_lines(const SixteenRows& rows, ptrdiff_t offset, int part,
                                              I32x16 (&w)[4]) {
  if (!D::kPaired) return load_words(rows, offset, w);
  const I32x16 a = load_paired_quarter<kHalf, 0>(rows, offset, part);
  const I32x16 b = load_paired_quarter<kHalf, 1>(rows, offset, part);
  const I32x16 c = load_paired_quarter<kHalf, 2>(rows, offset, part);
  const I32x16 d = load_paired_quarter<kHalf, 3>(rows, offset, part);
  quarters_to_words(a, b, c, d, w);
  // Loading again what the next part needs is cheaper than keeping it in memory meanwhile.
  asm volatile("" ::: "memory");
}

// Tables for shuffle_bytes that treat the four words of 16 bytes alike. 0x80 gives a zero byte.
struct ByteTable {
  uint8_t index[16];
};
constexpr ByteTable byte_table(uint8_t b0, uint8_t b1, uint8_t b2, uint8_t b3) {
  ByteTable table = {};
  const uint8_t bytes[4] = {b0, b1, b2, b3};
  for (int i = 0; i < 16; ++i) {
    const int at = bytes[i % 4] + i / 4 * 4;
    table.index[i] = static_cast<uint8_t>(bytes[i % 4] == 0x80 ? 0x80 : at);
  }
  return table;
}
// Byte j of each word as the first, or the second, of two int16, on top of it.
alignas(16) constexpr ByteTable kFirstByte[4] = {
    byte_table(0x80, 0, 0x80, 0x80), byte_table(0x80, 1, 0x80, 0x80),
    byte_table(0x80, 2, 0x80, 0x80), byte_table(0x80, 3, 0x80, 0x80)};
alignas(16) constexpr ByteTable kSecondByte[4] = {
    byte_table(0x80, 0x80, 0x80, 0), byte_table(0x80, 0x80, 0x80, 1),
    byte_table(0x80, 0x80, 0x80, 2), byte_table(0x80, 0x80, 0x80, 3)};
// Byte j of each word as two int16 with the byte on top.
alignas(16) constexpr ByteTable kSameByte[4] = {
    byte_table(0x80, 0, 0x80, 0), byte_table(0x80, 1, 0x80, 1), byte_table(0x80, 2, 0x80, 2),
    byte_table(0x80, 3, 0x80, 3)};
// Bytes 2j and 2j + 1 of each word as two int16 with the bytes on top.
alignas(16) constexpr ByteTable kTwoBytes[2] = {byte_table(0x80, 0, 0x80, 1),
                                                byte_table(0x80, 2, 0x80, 3)};
// Byte j of each word in all four places.
alignas(16) constexpr ByteTable kEveryByte[4] = {byte_table(0, 0, 0, 0), byte_table(1, 1, 1, 1),
                                                 byte_table(2, 2, 2, 2), byte_table(3, 3, 3, 3)};

// The chosen signed bytes as int16.
inline I32x16 byte_pairs(I32x16 words, const ByteTable& table) {
  return shift_right_halves_signed<8>(shuffle_bytes(words, broadcast_table(&table)));
}

// Byte i of the words a and byte j of the words b, as pairs of int16.
inline I32x16 byte_pairs(I32x16 a, int i, I32x16 b, int j) {
  const I32x16 first = shuffle_bytes(a, broadcast_table(&kFirstByte[i]));
  const I32x16 second = shuffle_bytes(b, broadcast_table(&kSecondByte[j]));
  return shift_right_halves_signed<8>(first | second);
}

// The low 16 bits of each row as f16.
inline void store_f16_words(float* out, I32x16 words) {
  store(out, low_half_to_float(words));
}

}  // namespace
}  // namespace samovar::kernels
