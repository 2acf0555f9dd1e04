/* A task: its specification, and one simulated environment of it.
 *
 * Gymnasium's names, numbers and semantics, with two differences of form: `step` never resets, so
 * the observation of an episode's last step is the true one; and terminated (by the task) and
 * truncated (by the time limit) are kept apart. Observations, actions and rewards are float64, as
 * the simulators compute them. */
#ifndef MG_ENVS_ENV_H
#define MG_ENVS_ENV_H

#include "base/rng.h"
#include "base/status.h"
#include "envs/env_options.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct mg_env mg_env;

typedef struct mg_env_spec {
  char id[32];           /* "Hopper-v4" */
  bool discrete;         /* actions are one of action_size choices, else a vector */
  int observation_size;  /* d */
  int motion_size;       /* of these the first so many are positions and velocities; classic: d */
  int action_size;       /* m: entries of the vector, or number of choices */
  int max_episode_steps; /* time limit [steps] */
  double dt;             /* simulated time of a step [s]; 0 where the task has none */
  const double *action_low, *action_high; /* [m], NULL if discrete. Nothing is clipped to them
                                             here: the simulator clamps, costs see it raw */
  int qpos_size, qvel_size; /* generalised positions and velocities; classic tasks: their state is
                               qpos [qpos_size], qvel_size = 0 */
  double random_return;     /* mean return of uniformly random actions: a score of 0 */
  double reference_return;  /* mean return of an expert that others published */
  bool has_potential;       /* mg_env_potential may be asked */
} mg_env_spec;

typedef struct mg_env_outcome {
  double reward;
  bool terminated; /* the task ended the episode: the value of the next state is 0 */
  bool truncated;  /* the time limit ended it; may be true beside terminated */
  bool unstable;   /* the simulator reported a bad state in this step */
} mg_env_outcome;

/* Ids known to the registry, NULL-terminated. */
const char *const *mg_env_ids(void);

/* Creates an environment of task `id`, e.g. "Hopper-v4". Environments of one id share the compiled
 * model. MG_ERR_CONFIG with the nearest id if it is unknown, MG_ERR_NO_INPUT if its MJCF file is
 * not found or does not compile. The caller destroys it; destroying NULL is a no-op. Not
 * thread-safe. */
mg_status mg_env_create(const char *id, mg_env **env);

/* The same with Gymnasium's keyword arguments (Nullable: none). MG_ERR_CONFIG also if the task does
 * not have one of them, or if a value is not understood. Sizes in the specification follow. */
mg_status mg_env_create_with(const char *id, const mg_env_options *options, mg_env **env);

/* MG_ERR_MEMORY if `count` environments would need more memory than is available. */
mg_status mg_env_expect_room(const char *id, const mg_env_options *options, int count);

/* As many of them into env [count], each as above. MG_ERR_MEMORY, before it is taken, if they would
 * need more memory than is available. The caller destroys those that are not NULL, after a failure
 * too. */
mg_status mg_env_create_many(const char *id, const mg_env_options *options, int count,
                             mg_env **env);

void mg_env_destroy(mg_env *env);

/* Memory that it holds [bytes], about, grown to what its steps so far have needed. */
size_t mg_env_bytes(const mg_env *env);

/* text <- the value of an argument of the task as one would write it, "0.7, inf". False if the task
 * has no argument of this name. */
bool mg_env_get_argument(const mg_env *env, const char *name, char text[MG_ENV_OPTION_MAX]);

/* Valid as long as the environment. */
const mg_env_spec *mg_env_get_spec(const mg_env *env);

/* A new episode from the task's initial distribution; observation [d] is written. */
void mg_env_reset(mg_env *env, mg_rng *rng, double *observation);

/* A new episode from a given state: qpos [qpos_size], qvel [qvel_size] (Nullable if that is 0). */
void mg_env_reset_to(mg_env *env, const double *qpos, const double *qvel, double *observation);

/* One step. action [m], or for discrete tasks [1] holding the index of the choice. observation [d]
 * is written; it may not overlap action. After an episode's end the caller resets. */
mg_env_outcome mg_env_step(mg_env *env, const double *action, double *observation);

/* The simulator's work of so many steps and nothing else: neither observation, reward nor end. What
 * benchmarks compare mg_env_step with. Rigid-body tasks: frame_skip times mj_step (and
 * mj_rnePostConstraint where the task reads it); others: their equations. */
void mg_env_bare_step(mg_env *env, const double *action, int steps);

/* The generalised state now, as in reset_to. */
void mg_env_get_qpos_qvel(const mg_env *env, double *qpos, double *qvel);

/* How promising the state now is, of order 1: a potential Phi(s) that a trainer may shape a sparse
 * reward with (rollout/collector.h). A function of the physical state alone, finite where that is;
 * Phi(terminal) = 0 is the trainer's convention. Only if spec.has_potential. Not Gymnasium's. */
double mg_env_potential(const mg_env *env);

/* All that the simulation's future depends on (integration state, warm start, step count), as
 * mg_env_state_size doubles; setting it on another environment of the same id and arguments
 * continues bit for bit. set_state also writes the current observation [d] (Nullable). */
size_t mg_env_state_size(const mg_env *env);
void mg_env_get_state(const mg_env *env, double *state);
void mg_env_set_state(mg_env *env, const double *state, double *observation);

/* Release of the simulator, for logs and files: "MuJoCo 3.3.7". Valid as long as the thread. */
const char *mg_env_simulator(void);

#endif
