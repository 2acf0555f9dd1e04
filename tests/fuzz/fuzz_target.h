/* What targets of fuzzing share. A target is one function that libFuzzer calls, or, without it,
 * replay.c for every file of the target's corpus. It aborts where a promise is broken. */
#ifndef MG_TESTS_FUZZ_TARGET_H
#define MG_TESTS_FUZZ_TARGET_H

#include "base/status.h"
#include "demo_model.h"
#include "fuzz_source.h"

/* 0: done; -1: the input is of no use to the corpus. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* MG_OK, or a failure of bad input with one sentence, on one line, that names `path`. */
void fuzz_check_status(mg_status status, const char *path);

/* Ends the process with words. */
_Noreturn void fuzz_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* This process's one file <- these bytes; open, to be closed. HDF5 opens none that has no name. */
int fuzz_file(const void *bytes, size_t size);
const char *fuzz_file_path(void);

/* The same of good bytes, of which the source says what to overwrite. */
void fuzz_changed_file(fuzz_source source, const uint8_t *good, size_t size);

/* Its bytes, to be freed. */
void *fuzz_file_bytes(size_t *size);

/* Reads a data set in every way that there is, in this process: as training, converting and
 * validating do. Returns the status of the first. */
mg_status fuzz_read_dataset(const void *bytes, size_t size);

/* Changes a model as the bytes say, until none are left. */
void fuzz_change_model(fuzz_source *source, demo_model *model);

/* The whole target of an HDF5 layout. */
int fuzz_layout(demo_layout layout, const uint8_t *bytes, size_t size);

#endif
