#include "api/machine_metrics.h"

#include "sys/cgroup.h"
#include "sys/memory.h"

#include <algorithm>

namespace samovar::api {
namespace {

double number(uint64_t value) {
  return static_cast<double>(value);
}

void add_process(metrics::Registry& registry) {
  const auto gauge = [&](const char* name, const char* help, uint64_t sys::ProcessMemory::*member) {
    registry.gauge_function(name, help, [member] { return number(sys::process_memory().*member); });
  };
  gauge("samovar:resident_bytes", "Resident memory, mapped weights included.",
        &sys::ProcessMemory::resident_bytes);
  gauge("samovar:anonymous_bytes", "Resident memory that is not file-backed.",
        &sys::ProcessMemory::anonymous_bytes);
  gauge("samovar:swapped_bytes", "Memory of this process in swap or zram.",
        &sys::ProcessMemory::swapped_bytes);
  registry.counter_function("samovar:major_faults_total", "Page faults that had to read from disk.",
                            [] { return number(sys::process_memory().major_faults); });
}

void add_memory(metrics::Registry& registry) {
  registry.gauge_function(
      "samovar:memory_limit_bytes",
      "Memory that this process may use: the strictest cgroup limit, else RAM.", [] {
        const sys::MachineMemory memory = sys::machine_memory();
        return number(
            std::min(memory.total_bytes, memory.cgroup_limit_bytes.value_or(memory.total_bytes)));
      });
  registry.gauge_function("samovar:memory_usable_bytes", "Memory of it that could be had now.",
                          [] { return number(sys::machine_memory().usable_bytes()); });
  registry.counter_function("samovar:memory_pressure_seconds_total",
                            "Time in which a task waited for memory (PSI, some).",
                            [] { return sys::memory_pressure_seconds(""); });
  registry.gauge_function("samovar:zram_stored_bytes", "What lies in compressed swap.",
                          [] { return number(sys::zram_use().stored_bytes); });
  registry.gauge_function("samovar:zram_memory_bytes", "The memory that compressed swap takes.",
                          [] { return number(sys::zram_use().memory_bytes); });
}

void add_quota(metrics::Registry& registry) {
  registry.counter_function("samovar:cpu_periods_total", "Periods of the CPU quota.",
                            [] { return number(sys::cgroup_cpu_use("").periods); });
  registry.counter_function("samovar:cpu_throttled_periods_total",
                            "Periods in which the CPU quota was used up.",
                            [] { return number(sys::cgroup_cpu_use("").throttled_periods); });
  registry.counter_function("samovar:cpu_throttled_seconds_total",
                            "Time that threads were held by the CPU quota.",
                            [] { return sys::cgroup_cpu_use("").throttled_seconds; });
}

}  // namespace

void add_machine_metrics(metrics::Registry& registry) {
  add_process(registry);
  add_memory(registry);
  add_quota(registry);
}

}  // namespace samovar::api
