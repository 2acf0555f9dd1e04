#include "rollout/record.h"

#include "rollout/evaluate_impl.h"
#include "rollout/watch.h"

#include <string.h>

typedef struct recorder {
  mg_evaluator *evaluator;
  mg_trajectory own, other; /* this rank's; on rank 0 another's */
  uint64_t *tell;           /* [1 + size] what ranks tell each other in a round */
  size_t d, m;
} recorder;

static mg_trajectory make_trajectory(const recorder *r) {
  mg_arena *arena = r->evaluator->arena;
  size_t T = (size_t)r->evaluator->spec.max_episode_steps;
  return (mg_trajectory){.observations = MG_NEW(arena, double, (T + 1) * r->d),
                         .actions = MG_NEW(arena, double, (r->m * T)),
                         .rewards = MG_NEW(arena, double, T)};
}

static void keep(void *self, const mg_glance *glance) {
  recorder *r = self;
  mg_trajectory *trajectory = &r->own;
  const size_t d = r->d, m = r->m, t = (size_t)glance->t;
  memcpy(trajectory->observations + t * d, glance->observation, d * sizeof(double));
  trajectory->steps = glance->t;
  if (t == 0) return;
  memcpy(trajectory->actions + (t - 1) * m, glance->action, m * sizeof(double));
  trajectory->rewards[t - 1] = glance->outcome.reward;
  trajectory->terminated = glance->outcome.terminated;
  trajectory->truncated = glance->outcome.truncated;
}

/* The episode of rank `from`, whose steps and ends all ranks have been told, as rank 0 has it. */
static mg_trajectory *hand_over(recorder *r, int from, int episode) {
  mg_comm *comm = r->evaluator->comm;
  uint64_t told = r->tell[1 + from];
  size_t steps = (size_t)(told >> 2), value = sizeof(double);
  mg_trajectory *own = &r->own, *to = from == 0 ? own : &r->other;
  if (from != 0) {
    mg_comm_gather(comm, own->observations, (steps + 1) * r->d * value, from, to->observations);
    mg_comm_gather(comm, own->actions, steps * r->m * value, from, to->actions);
    mg_comm_gather(comm, own->rewards, steps * value, from, to->rewards);
  }
  to->id = episode;
  to->steps = (int64_t)steps;
  to->terminated = told & 1;
  to->truncated = told & 2;
  to->total_reward = 0;
  for (size_t t = 0; comm->rank == 0 && t < steps; t++) to->total_reward += to->rewards[t];
  return to;
}

/* Rounds of one episode a rank. Rank 0's verdict on a round travels with the next one, so that the
 * others simulate while it writes. */
static mg_status record_rounds(recorder *r, const mg_real *theta, bool stochastic,
                               mg_trajectory_sink sink, void *self) {
  mg_evaluator *e = r->evaluator;
  mg_comm *comm = e->comm;
  mg_status status = MG_OK;
  bool enough = false;
  for (int first = 0; first < e->episodes; first += comm->size) {
    int mine = first + comm->rank;
    bool over = status != MG_OK || enough; /* known to rank 0 alone */
    memset(r->tell, 0, (1 + (size_t)comm->size) * sizeof *r->tell);
    r->tell[0] = over;
    if (mine < e->episodes && !over) {
      mg_evaluator_watch(e, mine, theta, stochastic, keep, r);
      r->tell[1 + comm->rank] = (uint64_t)r->own.steps << 2 | (uint64_t)r->own.truncated << 1 |
                                (uint64_t)r->own.terminated;
    }
    mg_comm_reduce_u64(comm, MG_REDUCE_SUM, r->tell, 1 + (size_t)comm->size);
    if (r->tell[0]) break;
    for (int from = 0; from < comm->size && first + from < e->episodes; from++) {
      const mg_trajectory *trajectory = hand_over(r, from, first + from);
      if (comm->rank == 0 && status == MG_OK && !enough) status = sink(self, trajectory, &enough);
    }
  }
  return mg_comm_agree(comm, status);
}

mg_status mg_evaluator_record(mg_evaluator *e, const mg_real *theta, bool stochastic,
                              mg_trajectory_sink sink, void *self) {
  mg_arena_mark mark = mg_arena_get_mark(e->arena);
  recorder r = {.evaluator = e,
                .d = (size_t)e->spec.observation_size,
                .m = e->spec.discrete ? 1 : (size_t)e->spec.action_size};
  r.own = make_trajectory(&r);
  if (e->comm->rank == 0 && e->comm->size > 1) r.other = make_trajectory(&r);
  r.tell = MG_NEW(e->arena, uint64_t, 1 + (size_t)e->comm->size);
  mg_status status = mg_comm_agree(e->comm, mg_arena_status(e->arena));
  if (status == MG_OK) status = record_rounds(&r, theta, stochastic, sink, self);
  mg_arena_release(e->arena, mark);
  return status;
}
