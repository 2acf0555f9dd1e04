#include "algo/observed.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static mg_status refuse(const char *text, const mg_env_spec *spec) {
  return mg_fail(MG_ERR_CONFIG,
                 "run.observe = '%s': expected motion, all, or increasing ranges of the %d entries "
                 "of %s's observation, such as 0-%d",
                 text, spec->observation_size, spec->id, spec->observation_size - 1);
}

static const char *skip_blanks(const char *c) {
  while (isspace((unsigned char)*c)) c++;
  return c;
}

/* A whole number below `end` at *c, which is moved behind it and the blanks after it; else -1. */
static int take_entry(const char **c, int end) {
  if (!isdigit((unsigned char)**c)) return -1;
  char *behind;
  const long value = strtol(*c, &behind, 10); /* too large a one is LONG_MAX */
  *c = skip_blanks(behind);
  return value < end ? (int)value : -1;
}

mg_status mg_observed_parse(const char *text, const mg_env_spec *spec, int64_t *index, int *count) {
  const int d = spec->observation_size;
  const bool all = strcmp(text, "all") == 0;
  *count = 0;
  if (all || strcmp(text, "motion") == 0) {
    *count = all ? d : spec->motion_size;
    for (int i = 0; i < *count; i++) index[i] = i;
    return MG_OK;
  }
  const char *c = skip_blanks(text);
  for (;;) {
    const int first = take_entry(&c, d);
    int last = first;
    if (*c == '-') {
      c = skip_blanks(c + 1);
      last = take_entry(&c, d);
    }
    const bool increasing = *count == 0 || first > index[*count - 1];
    if (first < 0 || last < first || !increasing) return refuse(text, spec);
    for (int i = first; i <= last; i++) index[(*count)++] = i;
    if (*c == '\0') return MG_OK;
    if (*c != ',') return refuse(text, spec);
    c = skip_blanks(c + 1);
  }
}

mg_status mg_observed_normaliser(const mg_settings *settings, const mg_env_spec *spec,
                                 double epsilon, double limit, mg_arena *arena,
                                 mg_normaliser *normaliser) {
  int64_t *index = MG_NEW(arena, int64_t, (size_t)spec->observation_size);
  int count;
  MG_TRY(mg_arena_status(arena));
  MG_TRY(mg_observed_parse(settings->run.observe, spec, index, &count));
  *normaliser = mg_normaliser_make_of(spec->observation_size, count, index, epsilon, limit, arena);
  return mg_arena_status(arena);
}
