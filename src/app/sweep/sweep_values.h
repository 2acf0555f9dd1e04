/* The small language of a sweep file: lists and ranges of values, conditions, and names in braces.
 *
 *   values      mgail, gail, bc     1..5     0..100:20     "64,64", "100,100"
 *   condition   method=bc,gail run.seed=3..5         all of it holds
 *   text        ../experiments/{task}-{method}.ini   {AXIS}: its value
 *
 * A point is one choice of a value for each axis. Local. */
#ifndef MG_APP_SWEEP_VALUES_H
#define MG_APP_SWEEP_VALUES_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { MG_SWEEP_AXES_MAX = 24, MG_SWEEP_AXIS_MAX = 64, MG_SWEEP_VALUE_MAX = 181 };

typedef char mg_sweep_value[MG_SWEEP_VALUE_MAX];

/* {0}: none. To be freed. */
typedef struct mg_sweep_values {
  int count, capacity;
  mg_sweep_value *value;
} mg_sweep_values;

typedef struct mg_sweep_point {
  int axes;
  struct {
    char name[MG_SWEEP_AXIS_MAX];
    mg_sweep_value value;
  } axis[MG_SWEEP_AXES_MAX];
} mg_sweep_point;

/* values <- those of the text, in their order. `name` begins the sentence of MG_ERR_CONFIG: nothing
 * there, an empty range, one without an end, a value that is too long. */
mg_status mg_sweep_values_parse(const char *name, const char *text, mg_sweep_values *values);
mg_status mg_sweep_values_add(mg_sweep_values *values, const char *value);
bool mg_sweep_values_have(const mg_sweep_values *values, const char *value);
void mg_sweep_values_free(mg_sweep_values *values);

/* Of an axis; NULL if the point has none of this name. */
const char *mg_sweep_point_value(const mg_sweep_point *point, const char *axis);

/* The next word "AXIS=VALUES" of a condition; *condition moves behind it. *found false: there is no
 * more. The caller frees values, whatever is returned. */
mg_status mg_sweep_condition_next(const char **condition, char axis[MG_SWEEP_AXIS_MAX],
                                  mg_sweep_values *values, bool *found);

/* Whether all words hold for the point; an axis that it does not have has none of the values. */
mg_status mg_sweep_condition_holds(const char *condition, const mg_sweep_point *point, bool *holds);

/* out [capacity] <- text with {AXIS} replaced. MG_ERR_CONFIG, with `name` in front, for an axis that
 * the point does not have, and for what does not fit. */
mg_status mg_sweep_fill(const char *name, const char *text, const mg_sweep_point *point,
                        size_t capacity, char *out);

/* Whether {AXIS} is in the text. */
bool mg_sweep_mentions(const char *text, const char *axis);

#endif
