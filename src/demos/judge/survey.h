/* What is remarkable about the values of a data set: single entries far from all others, and
 * entries of the action that never vary. */
#ifndef MG_DEMOS_SURVEY_H
#define MG_DEMOS_SURVEY_H

#include "demos/demo_file.h"

typedef struct mg_survey mg_survey;

/* For the episodes of this file, one after the other. MG_ERR_MEMORY. */
mg_status mg_survey_create(const mg_dataset_file *file, mg_survey **survey);

/* Counts episode k in. */
void mg_survey_add(mg_survey *survey, const mg_dataset_file *file, int64_t k,
                   const mg_trajectory *trajectory);

/* Remarks, by name, the entry of each column of observations, actions and rewards that is farthest
 * out, if it is more than 1e6 spreads away; and entries of continuous actions that are the same in
 * all steps. The spread is that between a tenth from below and a tenth from above of up to 1024
 * rows, evenly drawn, so that no few entries however large can hide themselves. */
void mg_survey_tell(mg_survey *survey, mg_dataset_file *file);

/* Nullable. */
void mg_survey_destroy(mg_survey *survey);

#endif
