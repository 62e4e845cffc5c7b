// The settings of a request as llama-server shows them: generation_settings, /props, /slots.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/generation_fields.h"
#include "json/json_fwd.h"

namespace samovar::api {

enum class SettingsDetail : uint8_t {
  kFull,
  kNumbers,  // no texts and lists that came from a user
};

json::Value settings_json(const GenerationFields& fields, SettingsDetail detail);
// What a request without members of its own gets.
GenerationFields default_fields(const GenerationDefaults& defaults);

}  // namespace samovar::api
