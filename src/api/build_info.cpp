#include "api/build_info.h"

namespace samovar::api {

std::string_view build_fingerprint() {
  return "b" SAMOVAR_VERSION;
}

}  // namespace samovar::api
