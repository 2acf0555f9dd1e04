/* Numbers as people write them: decimal, optional exponent, nothing else. Not 0x10, inf, nan,
 * leading blanks or trailing words; the decimal sign is the point in every locale. */
#ifndef MG_APP_NUMBER_H
#define MG_APP_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

bool mg_number_parse(const char *text, double *value);

/* Also 1e6; false unless whole and within +-2^53, beyond which doubles skip integers. */
bool mg_number_parse_whole(const char *text, int64_t *value);

/* The shortest of %.15g, %.16g, %.17g that reads back as the same double. */
void mg_number_format(double value, char text[32]);

#endif
