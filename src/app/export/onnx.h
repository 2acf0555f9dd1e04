/* What of ONNX's schema (onnx.proto, IR version 7, operators of opset 13) an export needs: numbers of
 * fields, and the operators of a policy. */
#ifndef MG_APP_EXPORT_ONNX_H
#define MG_APP_EXPORT_ONNX_H

#include "app/export/portable.h"

enum { MG_ONNX_IR = 7, MG_ONNX_OPSET = 13, MG_ONNX_INPUTS = 3, MG_ONNX_NAME = 32 };

/* Fields of messages. */
enum { MODEL_IR = 1, MODEL_PRODUCER, MODEL_PRODUCER_VERSION, MODEL_DOC = 6, MODEL_GRAPH };
enum { MODEL_OPSET = 8, MODEL_TEXT = 14 };
enum { OPSET_VERSION = 2 };
enum { TEXT_KEY = 1, TEXT_VALUE };
enum { GRAPH_NODE = 1, GRAPH_NAME, GRAPH_ARRAY = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT };
enum { NODE_INPUT = 1, NODE_OUTPUT, NODE_NAME, NODE_OPERATOR, NODE_ATTRIBUTE };
enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_WHOLE = 3, ATTRIBUTE_TYPE = 20 };
enum { ARRAY_DIM = 1, ARRAY_TYPE, ARRAY_NAME = 8, ARRAY_BYTES };
enum { VALUE_NAME = 1, VALUE_TYPE, TYPE_TENSOR = 1, TENSOR_TYPE = 1, TENSOR_SHAPE };
enum { SHAPE_DIM = 1, DIM_VALUE = 1, DIM_NAME };

/* Types of values, and of attributes. */
enum { MG_ONNX_F32 = 1, MG_ONNX_I64 = 7, MG_ONNX_F64 = 11, MG_ONNX_WHOLE_ATTRIBUTE = 2 };

#define MG_ONNX_OPERATOR_LIST(X)                                                                   \
  X(MG_ONNX_GATHER, "Gather")                                                                      \
  X(MG_ONNX_SUB, "Sub")                                                                            \
  X(MG_ONNX_MUL, "Mul")                                                                            \
  X(MG_ONNX_ADD, "Add")                                                                            \
  X(MG_ONNX_CLIP, "Clip")                                                                          \
  X(MG_ONNX_CAST, "Cast")                                                                          \
  X(MG_ONNX_GEMM, "Gemm")                                                                          \
  X(MG_ONNX_TANH, "Tanh")                                                                          \
  X(MG_ONNX_RELU, "Relu")                                                                          \
  X(MG_ONNX_MAX, "Max")                                                                            \
  X(MG_ONNX_SIGMOID, "Sigmoid")                                                                    \
  X(MG_ONNX_IDENTITY, "Identity")                                                                  \
  X(MG_ONNX_ARG_MAX, "ArgMax")
typedef enum mg_onnx_operator { MG_ONNX_OPERATOR_LIST(MG_NAMED_ENUM) } mg_onnx_operator;

/* Runs the graph of a model's bytes: its nodes one after another, on the arrays that it holds.
 * heads [n,A] are its "action" or, of discrete tasks, its "logits"; sigma [A] its "sigma", else 0.
 * Of discrete tasks "action" is compared with the largest logit. MG_ERR_DATA naming `path`. */
mg_status mg_onnx_run(const char *path, const uint8_t *bytes, size_t size,
                      const mg_portable_states *states, double *heads, double *sigma);

#endif
