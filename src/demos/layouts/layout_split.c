#include "demos/layouts/layout_split.h"

#include "base/log.h"

#include <inttypes.h>

enum { FEW_EPISODES = 10, FEW_BREAKS = 4 }; /* below these, short episodes may well be */
enum { MUCH_SHORTER = 4 };                  /* times */

static const uint8_t MARKS = MG_CLUE_TERMINAL | MG_CLUE_TIMEOUT | MG_CLUE_END;

/* Steps of the longest episode, if these clues end them. */
static int64_t find_longest(int64_t rows, const uint8_t *clue, uint8_t ends) {
  int64_t longest = 0, first = 0;
  for (int64_t i = 0; i < rows; i++) {
    if (!(clue[i] & ends) && i + 1 < rows) continue;
    if (i + 1 - first > longest) longest = i + 1 - first;
    first = i + 1;
  }
  return longest;
}

/* How many rows but the last, which ends an episode anyway, have one of `these` and none of
 * `others`. */
static int64_t count(int64_t rows, const uint8_t *clue, uint8_t these, uint8_t others) {
  int64_t found = 0;
  for (int64_t i = 0; i + 1 < rows; i++) found += (clue[i] & these) && !(clue[i] & others);
  return found;
}

/* Of a file without timeouts, or in whose layout they have no place. */
static const char *what_marks(int64_t rows, const uint8_t *clue) {
  for (int64_t i = 0; i < rows; i++)
    if (clue[i] & MG_CLUE_TERMINAL) return "nothing but terminals marks";
  return "nothing marks";
}

/* What breaks are worth. Those at most of the rows without a mark are none: then `needed` says that there is nothing else
 * to go by. *ends <- with them, if they count. */
static mg_status weigh_breaks(mg_dataset_file *f, int64_t rows, const uint8_t *clue, bool marked,
                              bool needed, uint8_t *ends) {
  const int64_t breaks = count(rows, clue, MG_CLUE_BREAK, MARKS);
  const bool nonsense = breaks >= FEW_BREAKS && breaks > (rows - count(rows, clue, MARKS, 0)) / 2;
  if (nonsense && needed)
    return mg_fail(MG_ERR_DATA,
                   "%s: next_observations are not the observations of the rows that follow, in "
                   "%" PRIi64 " of %" PRIi64 " rows, so they cannot tell where episodes end; "
                   "expected timeouts, or the states that followed",
                   f->path, breaks, rows);
  if (nonsense)
    mg_dataset_remark(f,
                      "next_observations are not the observations of the rows that follow, in "
                      "%" PRIi64 " of %" PRIi64 " rows; episodes end at terminals alone",
                      breaks, rows);
  else if (breaks > 0)
    mg_dataset_remark(f,
                      "%s %s; %" PRIi64 " further %s taken from next_observations that are not the "
                      "observations of the row that follows",
                      marked ? "timeouts leave" : what_marks(rows, clue),
                      marked ? "episodes longer than the task's time limit"
                             : "the ends of episodes",
                      breaks, mg_plural(breaks, "end is", "ends are"));
  if (!nonsense) *ends |= MG_CLUE_BREAK;
  return MG_OK;
}

static mg_status add_episodes(mg_dataset_file *f, int64_t rows, const uint8_t *clue, uint8_t ends,
                              int64_t limit) {
  int64_t first = 0;
  for (int64_t i = 0; i < rows; i++) {
    const int64_t steps = i + 1 - first;
    if (!(clue[i] & ends) && i + 1 < rows && steps != limit) continue;
    MG_TRY(mg_dataset_add_rows(f, first, steps));
    mg_episode *e = &f->episode[f->episodes - 1];
    e->terminated = clue[i] & MG_CLUE_TERMINAL;
    e->truncated = !e->terminated || (clue[i] & MG_CLUE_TIMEOUT);
    first = i + 1;
  }
  if (f->episodes >= FEW_EPISODES && f->episodes > rows - rows / 10)
    return mg_fail(MG_ERR_DATA,
                   "%s: nearly every row ends an episode (%" PRIi64 " episodes in %" PRIi64
                   " rows); expected marks at the last steps alone",
                   f->path, f->episodes, rows);
  return MG_OK;
}

/* A file that was cut, or copied while it was written, ends in an episode that goes on. Its last row
 * then has no mark of its own; where the layout marks beginnings alone, only its length can tell. */
static void remark_unended(mg_dataset_file *f, int64_t rows, const uint8_t *clue, int64_t limit) {
  const mg_episode *last = &f->episode[f->episodes - 1];
  int64_t shortest = INT64_MAX, longest = 0;
  for (const mg_episode *e = f->episode; e < last; e++) {
    if (e->steps < shortest) shortest = e->steps;
    if (e->steps > longest) longest = e->steps;
  }
  const bool whole = last->steps == (limit > 0 ? limit : longest) || (limit == 0 && longest == 0);
  const uint8_t mark = clue[rows - 1] & MARKS;
  if (mark & MG_CLUE_END) {
    if (longest > 0 && last->steps < shortest / MUCH_SHORTER)
      mg_dataset_remark(f,
                        "the last episode (%s) has %" PRIi64 " %s, the shortest of the others "
                        "%" PRIi64 ": the file may end before it did (data.minimum_length leaves "
                        "it out of training)",
                        last->name, last->steps, mg_plural(last->steps, "step", "steps"), shortest);
  } else if (!mark && !whole) {
    mg_dataset_remark(f,
                      "no mark ends the last %" PRIi64
                      " %s (from %s): taken as an episode that was "
                      "cut off there (data.minimum_length leaves it out of training)",
                      last->steps, mg_plural(last->steps, "row", "rows"), last->name);
  }
}

mg_status mg_layout_split(mg_dataset_file *f, int64_t rows, uint8_t *clue,
                          mg_find_breaks find_breaks) {
  const int64_t limit = f->access.max_steps;
  const bool marked = count(rows, clue, MG_CLUE_TIMEOUT | MG_CLUE_END, 0) > 0;
  bool doubtful = limit > 0 && find_longest(rows, clue, MARKS) > limit;
  uint8_t ends = MARKS;
  int64_t cut = 0;
  if (find_breaks && (!marked || doubtful)) {
    const bool needed = doubtful || count(rows, clue, MARKS, 0) == 0;
    MG_TRY(find_breaks(f, clue));
    MG_TRY(weigh_breaks(f, rows, clue, marked, needed, &ends));
  } else if (!marked && doubtful) {
    cut = limit;
    mg_dataset_remark(f,
                      "%s the ends of episodes; they are split at the task's time limit of "
                      "%" PRIi64 " steps",
                      what_marks(rows, clue), limit);
  } else if (!marked && limit == 0) {
    mg_dataset_remark(f,
                      "%s the ends of episodes, and the task's time limit is not known: the file "
                      "is split nowhere else",
                      what_marks(rows, clue));
  }
  MG_TRY(add_episodes(f, rows, clue, ends, cut));
  remark_unended(f, rows, clue, limit);
  return MG_OK;
}
