/* Every setting of a run, as one struct. Names, ranges, defaults and help are the configuration
 * table's (app/config/config_table.c), which fills this by offset; algorithms read it and nothing else. */
#ifndef MG_ALGO_SETTINGS_H
#define MG_ALGO_SETTINGS_H

#include "base/named.h"
#include "envs/env_options.h"

#include <stdbool.h>
#include <stdint.h>

enum { MG_SETTING_PATH_MAX = 1024, MG_HIDDEN_MAX = 4 };

/* data.minimum_return when none is asked for. */
#define MG_ANY_RETURN (-1e9)

typedef struct mg_layers {
  int count;
  int width[MG_HIDDEN_MAX];
} mg_layers;

/* When checkpoints hold the replay: while the run is at work, always, never. */
#define MG_KEEP_REPLAY_LIST(X)                                                                     \
  X(MG_KEEP_REPLAY_RUNNING, "running")                                                             \
  X(MG_KEEP_REPLAY_ON, "on")                                                                       \
  X(MG_KEEP_REPLAY_OFF, "off")
typedef enum mg_keep_replay { MG_KEEP_REPLAY_LIST(MG_NAMED_ENUM) } mg_keep_replay;

/* How many environments which rank has. */
#define MG_SHARES_LIST(X)                                                                          \
  X(MG_SHARES_EVEN, "even")                                                                        \
  X(MG_SHARES_MEASURED, "measured")
typedef enum mg_shares { MG_SHARES_LIST(MG_NAMED_ENUM) } mg_shares;

typedef struct mg_settings {
  struct {
    char algorithm[16]; /* "mgail", "gail", "bc", "ppo" */
    char env[32];
    int64_t seed;
    int64_t steps;         /* environment steps, all ranks together */
    int64_t pause;         /* so many steps (bc: epochs) stop the run, to be resumed; 0: never */
    int environments;      /* N, all ranks together */
    char observe[64];      /* entries of the observation that networks see (observed.h) */
    int shares;            /* mg_shares */
    int sync;              /* mg_sync_mode */
    bool overlap;          /* rollouts while the ranks' average is on its way */
    int check_drift_every; /* iterations; 0: never */
    double checkpoint_seconds; /* interval; 0: only at the end */
    int checkpoint_replay;     /* mg_keep_replay */
    double watchdog;           /* seconds that a rank waits for others; 0: for ever */
  } run;
  mg_env_options env; /* Gymnasium's arguments of the task */
  struct {
    int64_t every;      /* environment steps between evaluations; 0: only at the end */
    int episodes;       /* during training */
    int final_episodes; /* at the end */
  } evaluate;
  struct {
    char expert[MG_SETTING_PATH_MAX];
    int trajectories; /* 0: all */
    int choice;       /* mg_choice */
    char mask[64];    /* list of the file's episodes; "": all of them */
    bool skip_bad;    /* bad episodes are passed over, not refused */
    bool any_task;    /* files that name another task are taken, if sizes fit */
    int64_t minimum_length;
    double minimum_return; /* MG_ANY_RETURN: any */
    int subsample;         /* every k-th pair */
    double validation;     /* share of the pairs held out of training */
    bool clip_actions;     /* to the task's box */
    int64_t seed;          /* -1: run.seed */
    int64_t max_bytes;
    double state_epsilon; /* added to the expert's spread of each state coordinate */
  } data;
  struct {
    mg_layers hidden;
    int activation;
    double learning_rate, final_learning_rate; /* linear over the run */
    double log_sigma;                          /* initial */
    double clip;
    double average_steps; /* environment steps that the running average of the parameters looks
                             back; 0: none */
    double average_share; /* but not more than this share of the steps so far; 0: no such limit */
    double entropy;       /* weight of H(pi) */
  } policy;
  struct {
    double weight, final_weight; /* beta of mgail's objective; linear over the run */
    int loss;                    /* mg_clone_loss */
    int batch;                   /* pairs of the expert a policy step, all ranks together */
  } clone;
  struct {
    int kind; /* mg_value_kind; q: mgail */
    mg_layers hidden;
    int activation;
    double learning_rate, final_learning_rate;
    double clip;
    int updates;   /* optimiser steps a round */
    double tau;    /* target network: Vt <- (1-tau) Vt + tau V each round */
    double lambda; /* of the TD(lambda) targets */
    int memory;    /* mgail: it is redrawn from the last so many segments; 0: mgail.memory */
    bool redraw;   /* mgail: each update on other segments */
    bool endings;  /* mgail: V learns terminal states, and J follows it into them */
  } value;
  struct {
    mg_layers hidden;
    int activation;
    double learning_rate, final_learning_rate;
    double clip, weight_decay;
    int updates, batch;    /* batch: pairs of the policy, and as many of the expert */
    double penalty;        /* weight of the gradient penalty */
    double penalty_target; /* norm the penalty asks for */
    int segments;          /* policy pairs come from the last so many segments */
  } discriminator;
  struct {
    int kind; /* mg_forward_kind */
    mg_layers hidden;
    int activation;
    double learning_rate, final_learning_rate;
    double clip;
    int updates, batch;
    int64_t replay; /* transitions, all ranks together */
  } forward_model;
  struct {
    int horizon; /* H */
    double gamma;
    int updates;  /* rounds of all networks' updates an iteration */
    int segments; /* trajectories of a policy step: the current segment and segments-1 older */
    int memory;   /* of the last so many segments */
    int reward;   /* mg_reward_form */
    int episodes; /* mg_mgail_episodes */
    bool terminal_value;    /* off: the paper's form */
    double clip;            /* largest norm of J's gradient; 0: no limit */
    int warmup;             /* iterations with the policy frozen */
    double pull;            /* of the policy by its running average; 0: none */
    double final_log_sigma; /* most that log sigma may be at the end of the run */
    double temperature;     /* Gumbel-softmax */
  } mgail;
  struct {
    int horizon;
    double gamma, lambda;
    int epochs, minibatches;
    double clip_ratio, final_clip_ratio;
    double desired_kl; /* adapts the policy's rate; 0: never */
    double target_kl;  /* stop the epochs above this; 0: never */
    double shaping;    /* weight of the task's potential in the reward; 0: none */
    bool scale_reward; /* divide rewards by the running spread of the discounted return */
  } ppo;
  struct {
    int update;                  /* mg_gail_update */
    int reward;                  /* mg_reward_form */
    int episodes;                /* mg_gail_episodes */
    int horizon;                 /* 0: ppo.horizon */
    double gamma, lambda;        /* 0, -1: those of ppo */
    double clone_weight;         /* beta; 0: no term of behavioural cloning */
    double max_kl, final_max_kl; /* of a trpo step; linear over the run */
    double damping;
    int cg_iterations, backtracks;
  } gail;
  struct {
    int epochs;
    int batch;          /* pairs of an optimiser step, all ranks together */
    int patience;       /* epochs without a lower validation loss that end the run; 0: never */
    int evaluate_every; /* epochs between evaluations; 0: only at the end */
    double sigma_floor; /* sigma >= this times the expert's spread */
  } bc;
} mg_settings;

#endif
