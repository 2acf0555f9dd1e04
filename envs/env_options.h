/* The keyword arguments of Gymnasium's tasks, by Gymnasium's names.
 *
 * One list says what exists; a task says which of them it takes and what their defaults are
 * (mg_env_arguments in its table). As text they are keys of the configuration's section [env] and
 * of the arguments recorded with a trace. Left out, because they choose files and pictures and not
 * numbers: xml_file, default_camera_config and the arguments of rendering. */
#ifndef MG_ENVS_ENV_OPTIONS_H
#define MG_ENVS_ENV_OPTIONS_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* kind, name, help. NUMBER: any real; COUNT: integer > 0; INDEX: integer >= 0; SWITCH: on, off;
 * RANGE: "low, high", either may be inf. */
#define MG_ENV_ARGUMENT_LIST(X)                                                                    \
  X(NUMBER, forward_reward_weight, "of the speed along x")                                         \
  X(NUMBER, ctrl_cost_weight, "of the squared action")                                             \
  X(NUMBER, contact_cost_weight, "of the squared contact forces")                                  \
  X(RANGE, contact_cost_range, "to which the contact cost is clipped")                             \
  X(RANGE, contact_force_range, "to which contact forces are clipped")                             \
  X(NUMBER, healthy_reward, "of a step in health")                                                 \
  X(SWITCH, terminate_when_unhealthy, "the episode ends with the health")                          \
  X(RANGE, healthy_z_range, "heights in health [m]")                                               \
  X(RANGE, healthy_angle_range, "torso angles in health [rad]")                                    \
  X(RANGE, healthy_state_range, "of all other positions and velocities in health")                 \
  X(NUMBER, reset_noise_scale, "of the initial state")                                             \
  X(SWITCH, exclude_current_positions_from_observation, "leave out x (and y)")                     \
  X(SWITCH, use_contact_forces, "observe contact forces, and charge for them")                     \
  X(SWITCH, include_cinert_in_observation, "inertias about the centre of mass")                    \
  X(SWITCH, include_cvel_in_observation, "velocities about the centre of mass")                    \
  X(SWITCH, include_qfrc_actuator_in_observation, "forces of the actuators")                       \
  X(SWITCH, include_cfrc_ext_in_observation, "contact forces")                                     \
  X(INDEX, main_body, "body whose speed counts")                                                   \
  X(COUNT, frame_skip, "simulation steps a step")                                                  \
  X(NUMBER, goal_velocity, "least velocity at the goal")                                           \
  X(SWITCH, sutton_barto_reward, "0 a step and -1 at the end, not 1 a step")                       \
  X(COUNT, max_episode_steps, "time limit [steps]")

enum { MG_ENV_OPTION_MAX = 64 }; /* bytes of a value as text, final 0 included */

/* Arguments as text; "" leaves the task's default. */
typedef struct mg_env_options {
#define MG_ENV_OPTION_FIELD(kind, name, help) char name[MG_ENV_OPTION_MAX];
  MG_ENV_ARGUMENT_LIST(MG_ENV_OPTION_FIELD)
#undef MG_ENV_OPTION_FIELD
} mg_env_options;

/* Arguments as numbers, what a task computes with. */
#define MG_ENV_FIELD_NUMBER(name) double name;
#define MG_ENV_FIELD_COUNT(name)  int name;
#define MG_ENV_FIELD_INDEX(name)  int name;
#define MG_ENV_FIELD_SWITCH(name) bool name;
#define MG_ENV_FIELD_RANGE(name)  double name[2];
typedef struct mg_env_arguments {
#define MG_ENV_ARGUMENT_FIELD(kind, name, help) MG_ENV_FIELD_##kind(name)
  MG_ENV_ARGUMENT_LIST(MG_ENV_ARGUMENT_FIELD)
#undef MG_ENV_ARGUMENT_FIELD
} mg_env_arguments;

/* Overrides in `arguments`, which holds the defaults, what `options` (Nullable: nothing) sets.
 * takes: names of the arguments that task `id` has, with a space between. MG_ERR_CONFIG naming the
 * argument, and what is expected or which arguments the task has. */
mg_status mg_env_options_apply(const char *id, const char *takes, const mg_env_options *options,
                               mg_env_arguments *arguments);

/* text <- argument `name` of `arguments` as mg_env_options would hold it. False if it is not one of
 * `takes`, as above. */
bool mg_env_option_show(const char *takes, const mg_env_arguments *arguments, const char *name,
                        char text[MG_ENV_OPTION_MAX]);

/* "a number", "on or off", ...: what argument `name` may be; NULL if no task has it. */
const char *mg_env_option_expected(const char *name);

/* Whether argument `name` may be `text`; "" may stand for any. */
bool mg_env_option_valid(const char *name, const char *text);

/* options <- a JSON object as Python writes it, {"healthy_z_range": [0.7, Infinity]}; "{}": none.
 * MG_ERR_CONFIG if it is none, or has a name that no task has. */
mg_status mg_env_options_from_json(const char *json, mg_env_options *options);

/* The same the other way round, for files. MG_ERR_CONFIG if the text does not fit in `capacity`. */
mg_status mg_env_options_to_json(const mg_env_options *options, size_t capacity, char *json);

#endif
