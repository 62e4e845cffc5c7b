// The fault shim: an LD_PRELOAD library that lets the k-th call of one kind fail.
//
//   SAMOVAR_FAULT         malloc | mmap | write | fsync | rename
//   SAMOVAR_FAULT_AT      k, counted from 1 since start; or a file that holds it: read at the
//   start,
//                         and again, counting anew, whenever SIGUSR1 comes, to strike a running
//                         server
//   SAMOVAR_FAULT_IN      the one program to strike ("samovar"); unset: whatever is started
//   SAMOVAR_FAULT_ERRNO   what it fails with; 0 with `write`: a short write of half the bytes
//   SAMOVAR_FAULT_LASTING n: so many calls after the k-th fail too
//   SAMOVAR_FAULT_REPORT  a file that is made when the fault strikes
//
// malloc stands for calloc, realloc and aligned allocation too, mmap for anonymous mappings, write
// for pwrite and writev to regular files, fsync for fdatasync. Must not allocate or call what it
// replaces.
// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

extern "C" {
// glibc's own names of what is replaced here
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* block, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
}

namespace {

enum class Kind { kNone, kMalloc, kMmap, kWrite, kFsync, kRename };

struct Plan {
  Kind kind = Kind::kNone;
  int error = 0;
  long lasting = 0;
  const char* at_file = nullptr;
  const char* report = nullptr;
};

Plan g_plan;
std::atomic<long> g_at{0};  // 0: never
std::atomic<long> g_calls{0};

Kind kind_named(std::string_view name) {
  if (name == "malloc") return Kind::kMalloc;
  if (name == "mmap") return Kind::kMmap;
  if (name == "write") return Kind::kWrite;
  if (name == "fsync") return Kind::kFsync;
  if (name == "rename") return Kind::kRename;
  return Kind::kNone;
}

long number_of(const char* variable) {
  const char* text = getenv(variable);
  return text ? strtol(text, nullptr, 10) : 0;
}

// A signal handler: system calls only.
void read_at_file(int) {
  const int error = errno;
  char text[32] = "";
  const long file = syscall(SYS_openat, AT_FDCWD, g_plan.at_file, O_RDONLY | O_CLOEXEC);
  syscall(SYS_read, file, text, sizeof text - 1);
  syscall(SYS_close, file);
  g_calls = 0;
  g_at = strtol(text, nullptr, 10);
  errno = error;
}

__attribute__((constructor)) void read_plan() {
  const char* kind = getenv("SAMOVAR_FAULT");
  if (!kind) return;
  const char* program = getenv("SAMOVAR_FAULT_IN");
  if (program && std::string_view(program) != program_invocation_short_name) return;
  g_at = number_of("SAMOVAR_FAULT_AT");
  if (g_at == 0) {
    g_plan.at_file = getenv("SAMOVAR_FAULT_AT");
    read_at_file(SIGUSR1);
    signal(SIGUSR1, read_at_file);
  }
  g_plan.error = static_cast<int>(number_of("SAMOVAR_FAULT_ERRNO"));
  g_plan.lasting = number_of("SAMOVAR_FAULT_LASTING");
  g_plan.report = getenv("SAMOVAR_FAULT_REPORT");
  g_plan.kind = kind_named(kind);
}

// True from main() on: what the loader and the libraries' constructors ask for is not ours to
// answer.
std::atomic<bool> g_armed{false};
int (*g_main)(int, char**, char**);

int armed_main(int argc, char** argv, char** environment) {
  g_armed = true;
  return g_main(argc, argv, environment);
}

// Counts a call; true when it must fail (errno is then set).
bool strikes(Kind kind) {
  if (!g_armed || g_plan.kind != kind) return false;
  const long at = g_at;
  if (at == 0) return false;
  const long call = g_calls.fetch_add(1) + 1;
  if (call < at || call > at + g_plan.lasting) return false;
  if (call == at && g_plan.report) {
    const long file =
        syscall(SYS_openat, AT_FDCWD, g_plan.report, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (file >= 0) syscall(SYS_close, file);
  }
  errno = g_plan.error;
  return true;
}

bool is_regular(int file) {
  struct stat facts;
  return fstat(file, &facts) == 0 && S_ISREG(facts.st_mode);
}

bool is_short_write() {
  return g_plan.error == 0;
}

}  // namespace

extern "C" {

int __libc_start_main(int (*program)(int, char**, char**), int argc, char** argv, void (*init)(),
                      void (*fini)(), void (*loader_fini)(), void* stack_end) {
  g_main = program;
  using Start = decltype(&__libc_start_main);
  return reinterpret_cast<Start>(dlsym(RTLD_NEXT, "__libc_start_main"))(
      armed_main, argc, argv, init, fini, loader_fini, stack_end);
}

void* malloc(size_t size) {
  return strikes(Kind::kMalloc) ? nullptr : __libc_malloc(size);
}

void* calloc(size_t count, size_t size) {
  return strikes(Kind::kMalloc) ? nullptr : __libc_calloc(count, size);
}

void* realloc(void* block, size_t size) {
  return strikes(Kind::kMalloc) ? nullptr : __libc_realloc(block, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
  return strikes(Kind::kMalloc) ? nullptr : __libc_memalign(alignment, size);
}

int posix_memalign(void** block, size_t alignment, size_t size) {
  if (strikes(Kind::kMalloc)) return ENOMEM;
  *block = __libc_memalign(alignment, size);
  return *block ? 0 : ENOMEM;
}

void* mmap(void* address, size_t length, int protection, int flags, int file,
           off_t offset) noexcept {
  if ((flags & MAP_ANONYMOUS) && strikes(Kind::kMmap)) return MAP_FAILED;
  return reinterpret_cast<void*>(
      syscall(SYS_mmap, address, length, protection, flags, file, offset));
}

ssize_t write(int file, const void* bytes, size_t count) {
  if (is_regular(file) && strikes(Kind::kWrite)) {
    if (!is_short_write()) return -1;
    count = (count + 1) / 2;
  }
  return syscall(SYS_write, file, bytes, count);
}

ssize_t pwrite(int file, const void* bytes, size_t count, off_t offset) {
  if (is_regular(file) && strikes(Kind::kWrite)) {
    if (!is_short_write()) return -1;
    count = (count + 1) / 2;
  }
  return syscall(SYS_pwrite64, file, bytes, count, offset);
}

ssize_t writev(int file, const struct iovec* parts, int count) {
  if (is_regular(file) && strikes(Kind::kWrite)) {
    if (!is_short_write()) return -1;
    return syscall(SYS_write, file, parts[0].iov_base, (parts[0].iov_len + 1) / 2);
  }
  return syscall(SYS_writev, file, parts, count);
}

int fsync(int file) {
  return strikes(Kind::kFsync) ? -1 : static_cast<int>(syscall(SYS_fsync, file));
}

int fdatasync(int file) {
  return strikes(Kind::kFsync) ? -1 : static_cast<int>(syscall(SYS_fdatasync, file));
}

int rename(const char* from, const char* to) noexcept {
  if (strikes(Kind::kRename)) return -1;
  return static_cast<int>(syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to));
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  if (strikes(Kind::kRename)) return -1;
  return static_cast<int>(syscall(SYS_renameat, from_folder, from, to_folder, to));
}

// 64-bit file offsets: other names of the same calls.
void* mmap64(void* address, size_t length, int protection, int flags, int file,
             off64_t offset) noexcept __attribute__((alias("mmap")));
ssize_t pwrite64(int file, const void* bytes, size_t count, off64_t offset)
    __attribute__((alias("pwrite")));

}  // extern "C"
