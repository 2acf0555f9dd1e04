#include "rollout/segment.h"

#include <assert.h>

mg_segment mg_segment_make(int steps, int environments, int state_size, int action_size,
                           mg_arena *arena) {
  assert(steps > 0 && environments > 0 && state_size > 0 && action_size > 0);
  size_t rows = (size_t)steps * (size_t)environments;
  size_t states = rows * (size_t)state_size, actions = rows * (size_t)action_size;
  return (mg_segment){
      .steps = steps,
      .environments = environments,
      .state_size = state_size,
      .action_size = action_size,
      .x = MG_NEW(arena, mg_real, states),
      .next_x = MG_NEW(arena, mg_real, states),
      .a = MG_NEW(arena, mg_real, actions),
      .noise = MG_NEW(arena, mg_real, actions),
      .head = MG_NEW(arena, mg_real, actions),
      .log_probability = MG_NEW(arena, mg_real, rows),
      .reward = MG_NEW(arena, mg_real, rows),
      .terminated = MG_NEW(arena, uint8_t, rows),
      .truncated = MG_NEW(arena, uint8_t, rows),
  };
}

mg_segment mg_segment_part(const mg_segment *whole, int first, int steps) {
  assert(first >= 0 && first + steps <= whole->steps);
  size_t row = (size_t)first * (size_t)whole->environments;
  size_t state = row * (size_t)whole->state_size, action = row * (size_t)whole->action_size;
  return (mg_segment){
      .steps = steps,
      .environments = whole->environments,
      .state_size = whole->state_size,
      .action_size = whole->action_size,
      .x = whole->x + state,
      .next_x = whole->next_x + state,
      .a = whole->a + action,
      .noise = whole->noise + action,
      .head = whole->head + action,
      .log_probability = whole->log_probability + row,
      .reward = whole->reward + row,
      .terminated = whole->terminated + row,
      .truncated = whole->truncated + row,
  };
}
