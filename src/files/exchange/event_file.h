/* TensorBoard's event files: records of TensorFlow (TFRecord) that are messages of Protocol Buffers.
 *
 *   record = length [8 bytes], masked CRC-32C of these, message, masked CRC-32C of the message
 *   Event  = wall_time, step, and file_version or a summary of {tag, value}
 *
 * Source: tensorflow/core/lib/io/record_writer.h, tensorflow/core/util/event.proto, summary.proto. */
#ifndef MG_FILES_EVENT_FILE_H
#define MG_FILES_EVENT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Writing: false once memory is out or the stream has failed. `wall` in seconds since 1970. */

/* What every file begins with. */
bool mg_event_begin(FILE *to, double wall);

/* The scalars of one step; values [n] that are no finite numbers are left out. */
bool mg_event_scalars(FILE *to, double wall, int64_t step, int n, const char *const *tag,
                      const double *value);

/* CRC-32C (Castagnoli), masked as records have it. */
uint32_t mg_event_crc(const void *bytes, size_t size);

#endif
