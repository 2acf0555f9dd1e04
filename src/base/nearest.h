/* Which known word a mistyped one was probably meant to be. */
#ifndef MG_BASE_NEAREST_H
#define MG_BASE_NEAREST_H

/* The smallest number of inserted, deleted, changed or swapped neighbouring letters that makes b of
 * a (Damerau, restricted), without regard to case; words are compared up to 63 letters. */
int mg_edit_distance(const char *a, const char *b);

/* Keeps the closer of two candidates: call for each, starting with *best = NULL. Candidates further
 * away than half the word's length are not taken. */
void mg_nearest_offer(const char *word, const char *candidate, const char **best);

#endif
