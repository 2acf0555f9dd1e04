/* What the tests of reading demonstrations share: a scratch folder, an arena, a reader that insists.
 * The functions fail the running test. */
#ifndef MG_TEST_DATASET_FIXTURE_H
#define MG_TEST_DATASET_FIXTURE_H

#include "demos/dataset.h"

extern mg_arena *arena; /* of the running test */

void dataset_setup(void);
void dataset_teardown(void);

mg_dataset read_with(const char *path, mg_dataset_options options);

/* Refused with this status, by a sentence that has these words. */
void assert_refused_with(const char *path, mg_dataset_options options, mg_status status,
                         const char *words);

#endif
