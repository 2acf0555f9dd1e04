/* OpenGL without a display: EGL, on a graphics card or in software, else OSMesa, in software.
 *
 * Neither is needed to build or to train. The packages of Debian 12: libegl1 with libgl1-mesa-dri,
 * libosmesa6. MGAIL_GL = egl or osmesa asks for one of them alone. */
#ifndef MG_RENDER_GL_CONTEXT_H
#define MG_RENDER_GL_CONTEXT_H

#include "base/status.h"

typedef struct mg_gl_context mg_gl_context;

/* The one context of the process, current from then on, shared and counted: as many releases as
 * acquisitions. MG_ERR_CONFIG, with what to install, if there is neither library or none works. */
mg_status mg_gl_acquire(mg_gl_context **context);
void mg_gl_release(mg_gl_context *context);

/* "EGL, llvmpipe (LLVM 15.0.6, 256 bits)": which it is and who draws. */
const char *mg_gl_describe(const mg_gl_context *context);

#endif
