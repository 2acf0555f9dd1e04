#include "base/arena.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { ALIGNMENT = 64 };
static const size_t FIRST_BLOCK = (size_t)1 << 20;
static const size_t LARGEST_STEP = (size_t)1 << 26; /* doubling ends here */

/* A block is one allocation: this header, padded to ALIGNMENT, then `capacity` bytes. */
typedef struct block block;
struct block {
  block *next;
  size_t capacity, used;
};
static const size_t HEADER = (sizeof(block) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;

struct mg_arena {
  block *first, *current; /* blocks after `current` are empty, kept for the next use of scratch */
  size_t next_capacity;
  bool failed;
  size_t failed_count, failed_size;
};

static unsigned char *block_bytes(block *b) {
  return (unsigned char *)b + HEADER;
}

/* ---- what there is ---- */

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

/* The number behind `key` in a file of /proc or /sys; the file's first where key is "". SIZE_MAX
 * where there is none ("max"). */
static size_t number_in(const char *path, const char *key) {
  char line[256];
  size_t value = SIZE_MAX;
  FILE *file = fopen(path, "re");
  while (file && value == SIZE_MAX && fgets(line, sizeof line, file)) {
    unsigned long long number;
    if (strncmp(line, key, strlen(key)) == 0 && sscanf(line + strlen(key), "%llu", &number) == 1)
      value = (size_t)number;
  }
  if (file) fclose(file);
  return value;
}

/* Of a control group (version 2): its limit less what it holds, without the files it can let go. */
static size_t left_in_group(const char *group) {
  char path[4352];
  snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.max", group);
  const size_t limit = number_in(path, "");
  if (limit == SIZE_MAX) return limit;
  snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.current", group);
  const size_t held = number_in(path, "");
  snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.stat", group);
  const size_t files = number_in(path, "inactive_file");
  const size_t kept = held - least(files == SIZE_MAX ? 0 : files, held);
  return held == SIZE_MAX ? limit : limit - least(kept, limit);
}

/* This process' group and all that it is in. */
static size_t left_in_groups(void) {
  char group[4096] = "";
  FILE *file = fopen("/proc/self/cgroup", "re");
  if (file && fscanf(file, "0::%4095[^\n]", group) != 1) group[0] = '\0';
  if (file) fclose(file);
  size_t left = left_in_group("");
  for (char *slash; (slash = strrchr(group, '/')); *slash = '\0')
    left = least(left, left_in_group(group));
  return left;
}

static size_t left_of_addresses(void) {
  struct rlimit limit;
  const size_t pages = number_in("/proc/self/statm", "");
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || pages == SIZE_MAX)
    return SIZE_MAX;
  return (size_t)limit.rlim_cur - least(pages * (size_t)sysconf(_SC_PAGESIZE), limit.rlim_cur);
}

size_t mg_memory_available(void) {
  const size_t kilobytes = number_in("/proc/meminfo", "MemAvailable:");
  const size_t machine = kilobytes == SIZE_MAX ? SIZE_MAX : kilobytes * 1024;
  return least(machine, least(left_in_groups(), left_of_addresses()));
}

/* ---- arenas ---- */

mg_arena *mg_arena_create(void) {
  mg_arena *arena = calloc(1, sizeof *arena);
  if (arena) arena->next_capacity = FIRST_BLOCK;
  return arena;
}

void mg_arena_destroy(mg_arena *arena) {
  if (!arena) return;
  for (block *b = arena->first, *next; b; b = next) {
    next = b->next;
    free(b);
  }
  free(arena);
}

/* An empty block for `bytes`: the next kept one that is large enough, else a new one right behind
 * the current. */
static block *advance(mg_arena *arena, size_t bytes) {
  block **link = arena->current ? &arena->current->next : &arena->first;
  for (block *b = *link; b; b = b->next)
    if (b->capacity >= bytes) return arena->current = b;
  size_t capacity = arena->next_capacity > bytes ? arena->next_capacity : bytes;
  if (capacity > SIZE_MAX - HEADER) return NULL;
  if (capacity > LARGEST_STEP && capacity > mg_memory_available()) return NULL;
  block *b = aligned_alloc(ALIGNMENT, HEADER + capacity);
  if (!b) return NULL;
  if (arena->next_capacity < LARGEST_STEP) arena->next_capacity *= 2;
  *b = (block){.next = *link, .capacity = capacity, .used = 0};
  *link = b;
  return arena->current = b;
}

void *mg_arena_alloc(mg_arena *arena, size_t count, size_t size) {
  if (arena->failed) return NULL;
  bool overflow = size != 0 && count > (SIZE_MAX - ALIGNMENT) / size;
  size_t bytes = overflow ? 0 : (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  block *b = arena->current;
  if (!overflow && (!b || b->capacity - b->used < bytes)) b = advance(arena, bytes);
  if (overflow || !b) {
    arena->failed = true;
    arena->failed_count = count;
    arena->failed_size = size;
    return NULL;
  }
  void *memory = block_bytes(b) + b->used;
  b->used += bytes;
  memset(memory, 0, bytes);
  return memory;
}

mg_status mg_arena_status(const mg_arena *arena) {
  if (!arena->failed) return MG_OK;
  return mg_fail(MG_ERR_MEMORY,
                 "out of memory: %zu elements of %zu bytes asked for, %zu bytes held",
                 arena->failed_count, arena->failed_size, mg_arena_used(arena));
}

size_t mg_arena_used(const mg_arena *arena) {
  size_t used = 0;
  for (const block *b = arena->first; b; b = b->next) used += b->used;
  return used;
}

mg_arena_mark mg_arena_get_mark(const mg_arena *arena) {
  return (mg_arena_mark){.block = arena->current,
                         .used = arena->current ? arena->current->used : 0};
}

static void empty_from(block *b, size_t used) {
  assert(used <= b->used && "marks are released in the reverse order of taking them");
#ifndef NDEBUG
  memset(block_bytes(b) + used, 0xFF, b->used - used); /* all bits set is a NaN, float or double */
#endif
  b->used = used;
}

void mg_arena_release(mg_arena *arena, mg_arena_mark mark) {
  block *marked = mark.block;
  if (marked) empty_from(marked, mark.used);
  for (block *b = marked ? marked->next : arena->first; b; b = b->next) empty_from(b, 0);
  arena->current = marked;
}

/* ---- single pieces ---- */

static _Thread_local bool refused;

static void *note(void *made) {
  refused = refused || !made;
  return made;
}

void *mg_memory_take(size_t count, size_t size) {
  return note(calloc(count ? count : 1, size ? size : 1));
}

void *mg_memory_grow(void *old, size_t bytes) {
  return note(realloc(old, bytes ? bytes : 1));
}

char *mg_memory_copy(const char *text) {
  const size_t size = strlen(text) + 1;
  char *copy = note(malloc(size));
  return copy ? memcpy(copy, text, size) : NULL;
}

bool mg_memory_refused(void) {
  return refused;
}
