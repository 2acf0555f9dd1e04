#include "rollout/segment_after.h"

#include <string.h>

/* True if the state after step t of environment n is that before none. */
static bool stands_alone(const mg_segment *held, int each, int t, int n) {
  const size_t row = (size_t)t * (size_t)held->environments + (size_t)n;
  return t % each == each - 1 || held->terminated[row] || held->truncated[row];
}

size_t mg_segment_after_most(const mg_segment *held, int each) {
  size_t most = 0;
  for (int n = 0; n < held->environments; n++) {
    size_t count = 0;
    for (int t = 0; t < held->steps; t++) count += stands_alone(held, each, t, n);
    if (count > most) most = count;
  }
  return most;
}

void mg_segment_after_pack(const mg_segment *held, int each, size_t K, mg_real *after) {
  const size_t N = (size_t)held->environments, S = (size_t)held->state_size;
  memset(after, 0, K * N * S * sizeof *after);
  for (int n = 0; n < held->environments; n++) {
    mg_real *to = after + (size_t)n * S;
    for (int t = 0; t < held->steps; t++) {
      if (!stands_alone(held, each, t, n)) continue;
      memcpy(to, held->next_x + ((size_t)t * N + (size_t)n) * S, S * sizeof *to);
      to += N * S;
    }
  }
}

void mg_segment_after_unpack(const mg_segment *held, int each, size_t K, const mg_real *after) {
  const size_t N = (size_t)held->environments, S = (size_t)held->state_size;
  for (int n = 0; n < held->environments; n++) {
    const mg_real *from = after + (size_t)n * S;
    size_t left = K; /* of a file that could not be read there are fewer than there should be */
    for (int t = 0; t < held->steps; t++) {
      const size_t row = (size_t)t * N + (size_t)n;
      const bool alone = stands_alone(held, each, t, n);
      if (alone && left == 0) break;
      memcpy(held->next_x + row * S, alone ? from : held->x + (row + N) * S, S * sizeof *from);
      if (alone) from += N * S, left--;
    }
  }
}
