/* Who is seen in a film: a trained policy in its task, or whoever made a file of demonstrations. */
#ifndef MG_RENDER_ACTOR_H
#define MG_RENDER_ACTOR_H

#include "app/commands/command.h"
#include "base/arena.h"
#include "envs/env.h"

/* An episode as it was. */
typedef struct mg_take {
  int64_t steps;   /* T */
  double *qpos;    /* [T+1,qpos_size] positions after t steps */
  double *returns; /* [T+1] sum of the rewards of t steps; NULL: not recorded */
  double *opinion; /* [T+1] D of step t, from t = 1 on; NULL: nobody was asked */
  bool terminated; /* by the task, else by a limit of time */
} mg_take;

typedef struct mg_actor mg_actor;
typedef struct mg_actor_class {
  mg_status (*play)(mg_actor *self, int64_t episode);
  void (*destroy)(mg_actor *self);
} mg_actor_class;

/* What every actor begins with. */
struct mg_actor {
  const mg_actor_class *class_;
  char label[64];
  const mg_env *env; /* of its task */
  bool judged;       /* its takes have opinions */
  mg_take take;      /* of the last play */
};

typedef struct mg_policy_request {
  const char *checkpoint; /* RUN|FILE */
  const char *label;      /* NULL: the algorithm's name */
  const char *policy;     /* "raw", "average", NULL: as `evaluate` chooses */
  int64_t seed;           /* -1: the run's */
  bool stochastic;
  bool opinion; /* D's, of each step */
  bool or_none; /* no error if the algorithm has no D */
} mg_policy_request;

/* A checkpoint's policy; its episodes are those of `mgail evaluate` with the same seed, to the bit. */
mg_status mg_policy_actor_open(const mg_policy_request *request, mg_app *app, mg_actor **actor);

/* A file of demonstrations of the task `env_id` (Nullable: that which the file names); its episodes
 * are counted from 0. */
mg_status mg_data_actor_open(const char *path, const char *env_id, mg_app *app, mg_actor **actor);

/* actor->take <- episode `episode`; valid until the next play. */
mg_status mg_actor_play(mg_actor *actor, int64_t episode);
void mg_actor_destroy(mg_actor *actor); /* NULL: a no-op */

/* Arrays for a take of T steps. Ask mg_arena_status afterwards. */
mg_take mg_take_make(int64_t steps, int qpos_size, bool opinion, mg_arena *arena);

/* qpos [qpos_size] <- the positions behind an observation of this task. Observations leave out how far
 * the robot went: that is added up from its speed, from `before` (qpos one step earlier; NULL: at the
 * start). False if the observation does not tell them. */
bool mg_pose_of_observation(const mg_env_spec *spec, const double *before,
                            const double *observation, double *qpos);

#endif
