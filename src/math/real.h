/* The scalar of the networks: float32 in the product. The gradient tests compile the same sources
 * with MG_REAL_DOUBLE, so that central differences check the very code that trains. */
#ifndef MG_MATH_REAL_H
#define MG_MATH_REAL_H

#ifdef MG_REAL_DOUBLE
typedef double mg_real;
#else
typedef float mg_real;
#endif

#endif
