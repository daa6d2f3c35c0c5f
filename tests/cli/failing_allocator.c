// Preloaded under a program, lets one of its allocations fail, or all from one on.
//
// FAIL_AT=N      the N-th allocation after main was entered fails (0, or unset: none)
// FAIL_STICKY=1  so do all after it
// FAIL_COUNT=FD  at the end the number of allocations is written to this file descriptor
//
// operator new, strings and streams are served by malloc, so they are counted too. The loader and
// the runtime of OpenMP are not: where they find no memory they end the process by themselves.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);

struct Range {
  const char *begin, *end;
};

enum { kMostRanges = 16 };
static struct Range exempt[kMostRanges];
static int exempt_count = 0;
static long fail_at = 0;
static int sticky = 0;
static int watching = 0;
static atomic_long count = 0;

static int note_exempt(struct dl_phdr_info* info, size_t size, void* data) {
  (void)size;
  (void)data;
  if (strstr(info->dlpi_name, "libgomp") == NULL && strstr(info->dlpi_name, "ld-linux") == NULL) {
    return 0;
  }
  for (int k = 0; k < info->dlpi_phnum && exempt_count < kMostRanges; ++k) {
    const ElfW(Phdr)* header = &info->dlpi_phdr[k];
    if (header->p_type != PT_LOAD || (header->p_flags & PF_X) == 0) continue;
    const char* begin = (const char*)info->dlpi_addr + header->p_vaddr;
    exempt[exempt_count++] = (struct Range){begin, begin + header->p_memsz};
  }
  return 0;
}

static int fails(const void* caller) {
  if (!watching) return 0;
  for (int k = 0; k < exempt_count; ++k) {
    if ((const char*)caller >= exempt[k].begin && (const char*)caller < exempt[k].end) return 0;
  }
  const long number = atomic_fetch_add(&count, 1) + 1;
  if (fail_at == 0 || (sticky ? number < fail_at : number != fail_at)) return 0;
  errno = ENOMEM;
  return 1;
}

#define CALLER __builtin_return_address(0)

void* malloc(size_t size) { return fails(CALLER) ? NULL : __libc_malloc(size); }
void* calloc(size_t n, size_t size) { return fails(CALLER) ? NULL : __libc_calloc(n, size); }
void* realloc(void* old, size_t size) { return fails(CALLER) ? NULL : __libc_realloc(old, size); }
void* memalign(size_t alignment, size_t size) {
  return fails(CALLER) ? NULL : __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  return fails(CALLER) ? NULL : __libc_memalign(alignment, size);
}
int posix_memalign(void** to, size_t alignment, size_t size) {
  if (fails(CALLER)) return ENOMEM;
  *to = __libc_memalign(alignment, size);
  return *to == NULL ? ENOMEM : 0;
}

static int (*real_main)(int, char**, char**);

static int watched_main(int argc, char** argv, char** envp) {
  const char* at = getenv("FAIL_AT");
  const char* all = getenv("FAIL_STICKY");
  dl_iterate_phdr(note_exempt, NULL);
  if (at != NULL) fail_at = atol(at);
  sticky = all != NULL && *all == '1';
  watching = 1;
  const int code = real_main(argc, argv, envp);
  watching = 0;
  const char* to = getenv("FAIL_COUNT");
  if (to != NULL) dprintf(atoi(to), "%ld\n", atomic_load(&count));
  return code;
}

// What the C runtime calls first in every program, with its main.
int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void* stack_end) {
  int (*start)(int (*)(int, char**, char**), int, char**, void (*)(void), void (*)(void),
               void (*)(void), void*);
  *(void**)&start = dlsym(RTLD_NEXT, "__libc_start_main");
  real_main = main;
  return start(watched_main, argc, argv, init, fini, rtld_fini, stack_end);
}
