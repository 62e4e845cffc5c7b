#include "api/machine_metrics.h"

#include "sys/cgroup.h"
#include "sys/memory.h"

#include <algorithm>

namespace samovar::api {
namespace {

double number(uint64_t value) {
  return static_cast<double>(value);
}

void add_process(metrics::Families& out) {
  const sys::ProcessMemory memory = sys::process_memory();
  out.gauge("samovar:resident_bytes", "Resident memory, mapped weights included.",
            number(memory.resident_bytes));
  out.gauge("samovar:anonymous_bytes", "Resident memory that is not file-backed.",
            number(memory.anonymous_bytes));
  out.gauge("samovar:swapped_bytes", "Memory of this process in swap or zram.",
            number(memory.swapped_bytes));
  out.counter("samovar:major_faults_total", "Page faults that had to read from disk.",
              number(memory.major_faults));
}

void add_memory(metrics::Families& out) {
  const sys::MachineMemory memory = sys::machine_memory();
  out.gauge("samovar:memory_limit_bytes",
            "Memory that this process may use: the strictest cgroup limit, else RAM.",
            number(memory.limit_bytes()));
  out.gauge("samovar:memory_usable_bytes", "Memory of it that could be had now.",
            number(memory.usable_bytes()));
  out.counter("samovar:memory_pressure_seconds_total",
              "Time in which a task waited for memory (PSI, some).",
              sys::memory_pressure_seconds(""));
  const sys::ZramUse zram = sys::zram_use();
  out.gauge("samovar:zram_stored_bytes", "What lies in compressed swap.",
            number(zram.stored_bytes));
  out.gauge("samovar:zram_memory_bytes", "The memory that compressed swap takes.",
            number(zram.memory_bytes));
}

void add_quota(metrics::Families& out) {
  const sys::CgroupCpuUse cpu = sys::cgroup_cpu_use("");
  out.counter("samovar:cpu_periods_total", "Periods of the CPU quota.", number(cpu.periods));
  out.counter("samovar:cpu_throttled_periods_total", "Periods in which the CPU quota was used up.",
              number(cpu.throttled_periods));
  out.counter("samovar:cpu_throttled_seconds_total",
              "Time that threads were held by the CPU quota.", cpu.throttled_seconds);
}

}  // namespace

void add_machine_metrics(metrics::Families& out) {
  add_process(out);
  add_memory(out);
  add_quota(out);
}

}  // namespace samovar::api
