#include "tokenizer/char_class.h"

#include <array>

#include <utf8proc.h>

namespace samovar::tokenizer {
namespace {

bool is_white_space(uint32_t code) {
  if (code >= 0x09 && code <= 0x0D) return true;
  if (code >= 0x2000 && code <= 0x200A) return true;
  switch (code) {
    case 0x20:
    case 0x85:
    case 0xA0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x3000:
      return true;
    default:
      return false;
  }
}

ClassMask look_up(uint32_t code) {
  if (is_white_space(code)) return kSpace;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(code))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LT:
      return kUpper;
    case UTF8PROC_CATEGORY_LL:
      return kLower;
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
      return kUncased;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      return kMark;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return kNumber;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
      return kPunctuation;
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SC:
    case UTF8PROC_CATEGORY_SK:
    case UTF8PROC_CATEGORY_SO:
      return kSymbol;
    default:
      return kOther;
  }
}

std::array<ClassMask, 128> look_up_ascii() {
  std::array<ClassMask, 128> classes{};
  for (uint32_t code = 0; code < 128; ++code) classes[code] = look_up(code);
  return classes;
}

}  // namespace

ClassMask class_of(uint32_t code) {
  static const std::array<ClassMask, 128> ascii = look_up_ascii();
  return code < 128 ? ascii[code] : look_up(code);
}

}  // namespace samovar::tokenizer
