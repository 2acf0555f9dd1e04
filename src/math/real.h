/* The scalar of the networks: float32 in the product. The gradient tests compile the same sources
 * with MG_REAL_DOUBLE, so that central differences check the very code that trains. */
#ifndef MG_MATH_REAL_H
#define MG_MATH_REAL_H

#include "base/archive.h"

#ifdef MG_REAL_DOUBLE
typedef double mg_real;
#define MG_TYPE_REAL MG_TYPE_F64
#else
typedef float mg_real;
#define MG_TYPE_REAL MG_TYPE_F32
#endif

#endif
