/* What the discriminator of a run thinks: D(s,a), the probability that a step is the expert's, as
 * MGAIL and GAIL trained it (adversary.h). For those who look at a run, not for training. */
#ifndef MG_ALGO_OPINION_H
#define MG_ALGO_OPINION_H

#include "algo/acting.h"

typedef struct mg_opinion {
  mg_mlp net;
  const mg_real *theta;
  const mg_normaliser *states; /* the acting policy's: networks of a run see the same states */
  bool discrete, absorbing;    /* pairs are [x | 0 | a~] if absorbing, else [x | a~] */
  int action_size;
  double *shift, *inverse; /* [A] of actions */
  mg_mlp_tape tape;        /* of one row */
  mg_real *pair;           /* [inputs] */
} mg_opinion;

/* Out of a whole checkpoint of a run with these settings, of which `acting` has been loaded; all
 * memory is the arena's. MG_ERR_CONFIG for an algorithm without a discriminator; MG_ERR_DATA if the
 * file holds none (an export), or one of other sizes. */
mg_status mg_opinion_load(mg_archive *archive, const mg_settings *settings, const mg_acting *acting,
                          mg_arena *arena, mg_opinion *opinion);

/* D of an observation [d] and the action [action_size] (discrete: [1], the index) taken there. */
double mg_opinion_of(mg_opinion *opinion, const double *observation, const double *action);

#endif
