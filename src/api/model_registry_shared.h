// What the registry shares with its thread, its leases and its timers. Only its own files include
// it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/model_registry.h"
#include "base/sync.h"

#include <map>
#include <string>

namespace samovar::api {

struct ModelRegistry::Shared {
  explicit Shared(const ModelScheduleOptions& options) : schedule(options) {}
  void arm_timer(const std::shared_ptr<Shared>& self, int64_t now_us)
      SAMOVAR_TSA(requires_capability(mutex));

  Mutex mutex;
  CondVar changed;
  ModelSchedule schedule SAMOVAR_TSA(guarded_by(mutex));
  std::string loading SAMOVAR_TSA(guarded_by(mutex));
  std::map<std::string, std::string> failures SAMOVAR_TSA(guarded_by(mutex));
  std::map<std::string, engine::Stats> retired SAMOVAR_TSA(guarded_by(mutex));  // counts, by id
  Totals totals SAMOVAR_TSA(guarded_by(mutex));
  Timer timer SAMOVAR_TSA(guarded_by(mutex));
  int64_t armed_us SAMOVAR_TSA(guarded_by(mutex)) = 0;  // when the timer fires; 0: it does not
  bool stopped SAMOVAR_TSA(guarded_by(mutex)) = false;
};

}  // namespace samovar::api
