/* Memory. One owner for all that of a training run: allocated at start-up, released together.
 *
 *   block 0                            block 1
 *   [ a | b | c | .... mark .... | ]   [ d | ... ]
 *
 * Everything is 64-byte aligned and zeroed. Failure is sticky: mg_arena_alloc returns NULL once
 * memory is out, and mg_arena_status tells; so a constructor allocates all it needs and asks once
 * before it touches any of it. In debug builds (no NDEBUG) released memory is filled with NaN. */
#ifndef MG_BASE_ARENA_H
#define MG_BASE_ARENA_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct mg_arena mg_arena;

/* NULL when memory is out. The caller destroys it; destroying NULL is a no-op. */
mg_arena *mg_arena_create(void);
void mg_arena_destroy(mg_arena *arena);

/* Bytes that this process may still take without swapping or being killed: the least of what the
 * machine has available, what its control groups leave and what ulimit -v leaves. SIZE_MAX where
 * none of these is known. Other processes take from the same. */
size_t mg_memory_available(void);

/* count * size bytes, zeroed; count = 0 gives a valid pointer to nothing. NULL on overflow or when
 * memory is out, or would be: of more than 64 MB than are available nothing is taken. */
void *mg_arena_alloc(mg_arena *arena, size_t count, size_t size);

/* MG_ERR_MEMORY once any allocation failed, with the size asked for in the sentence. */
mg_status mg_arena_status(const mg_arena *arena);

/* Bytes handed out so far, alignment included. */
size_t mg_arena_used(const mg_arena *arena);

/* Scratch: release all that was allocated since the mark. Marks nest. */
typedef struct mg_arena_mark {
  void *block;
  size_t used;
} mg_arena_mark;
mg_arena_mark mg_arena_get_mark(const mg_arena *arena);
void mg_arena_release(mg_arena *arena, mg_arena_mark mark);

/* Typed: MG_NEW(arena, float, n) is float[n]. */
#define MG_NEW(arena, type, count) ((type *)mg_arena_alloc((arena), (count), sizeof(type)))

/* ---- single pieces ---- */

/* As calloc, realloc and strdup; the caller frees. NULL if memory is out, and then only: of nothing
 * there is a byte. For functions that can only say that they failed, and not why: a reader that finds
 * no memory for a buffer has found nothing wrong with its file. A refusal is remembered, and mg_fail
 * blames nothing else from then on. */
void *mg_memory_take(size_t count, size_t size);
void *mg_memory_grow(void *old, size_t bytes);
char *mg_memory_copy(const char *text);

/* Whether one of these ever failed in this thread. */
bool mg_memory_refused(void);

#endif
