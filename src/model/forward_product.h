/* The product-of-embeddings forward model; internal to model/forward_model.c. */
#ifndef MG_MODEL_FORWARD_PRODUCT_H
#define MG_MODEL_FORWARD_PRODUCT_H

#include "model/forward_model.h"

void mg_forward_product_make(mg_forward_model *model);
size_t mg_forward_product_size(const mg_forward_model *model);
void mg_forward_product_init(const mg_forward_model *model, mg_rng *rng, mg_real *theta);
void mg_forward_product_tape(const mg_forward_model *model, int capacity, mg_arena *arena,
                             mg_forward_tape *tape);
void mg_forward_product_forward(const mg_forward_model *model, int B, const mg_real *theta,
                                const mg_real *xa, mg_forward_tape *tape, mg_real *x_next);
void mg_forward_product_backward_input(const mg_forward_model *model, int first, int rows,
                                       const mg_real *theta, mg_forward_tape *tape,
                                       const mg_real *dx_next, mg_real *dxa);
void mg_forward_product_backward_theta(const mg_forward_model *model, int B, mg_forward_tape *tape,
                                       mg_real *dtheta);

#endif
