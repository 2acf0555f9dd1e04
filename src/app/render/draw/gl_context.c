#include "app/render/draw/gl_context.h"

#include "app/render/draw/library.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mg_gl_context {
  int users;
  char description[160];
  void *display, *egl;    /* EGL's */
  void *osmesa, *surface; /* OSMesa's, and its pixels, which nobody looks at */
};

/* File scope: an OpenGL context is current in a thread, whoever made it. */
static mg_gl_context *current;

enum { WHY = 256 };

/* ---- EGL; names and numbers as in EGL/egl.h and eglext.h ---- */

enum {
  EGL_SURFACE_TYPE = 0x3033,
  EGL_PBUFFER_BIT = 1,
  EGL_RENDERABLE_TYPE = 0x3040,
  EGL_OPENGL_BIT = 8,
  EGL_RED_SIZE = 0x3024,
  EGL_GREEN_SIZE = 0x3023,
  EGL_BLUE_SIZE = 0x3022,
  EGL_DEPTH_SIZE = 0x3025,
  EGL_NONE = 0x3038,
  EGL_OPENGL_API = 0x30A2,
  EGL_PLATFORM_DEVICE = 0x313F,
  EGL_PLATFORM_SURFACELESS = 0x31DD,
  MAX_DEVICES = 32
};

static struct {
  void *(*get_proc_address)(const char *name);
  unsigned (*initialize)(void *display, int *major, int *minor);
  unsigned (*terminate)(void *display);
  unsigned (*bind_api)(unsigned api);
  unsigned (*choose_config)(void *display, const int *attributes, void **configs, int size, int *n);
  void *(*create_context)(void *display, void *config, void *shared, const int *attributes);
  unsigned (*destroy_context)(void *display, void *context);
  unsigned (*make_current)(void *display, void *draw, void *read, void *context);
} egl;

/* An extension's function, which ISO C does not let one take for a pointer to an object. */
#define EGL_FIND(function, name)                                                                   \
  do {                                                                                             \
    void *found = egl.get_proc_address(name);                                                      \
    memcpy(&(function), &found, sizeof found);                                                     \
  } while (0)

static bool egl_begin(void *display, mg_gl_context *c) {
  static const int wanted[] = {EGL_SURFACE_TYPE,
                               EGL_PBUFFER_BIT,
                               EGL_RENDERABLE_TYPE,
                               EGL_OPENGL_BIT,
                               EGL_RED_SIZE,
                               8,
                               EGL_GREEN_SIZE,
                               8,
                               EGL_BLUE_SIZE,
                               8,
                               EGL_DEPTH_SIZE,
                               24,
                               EGL_NONE};
  if (!display || !egl.initialize(display, NULL, NULL)) return false;
  void *config = NULL;
  int n = 0;
  if (egl.bind_api(EGL_OPENGL_API) && egl.choose_config(display, wanted, &config, 1, &n) && n > 0)
    c->egl = egl.create_context(display, config, NULL, NULL);
  if (c->egl && egl.make_current(display, NULL, NULL, c->egl)) {
    c->display = display;
    return true;
  }
  if (c->egl) egl.destroy_context(display, c->egl);
  c->egl = NULL;
  egl.terminate(display);
  return false;
}

/* The devices in their order, graphics cards first; a card may be there and not for us. Then Mesa
 * without a device. */
static bool egl_open(mg_gl_context *c, char *why) {
  const mg_symbol symbols[] = {
      {"eglGetProcAddress", &egl.get_proc_address},
      {"eglInitialize", &egl.initialize},
      {"eglTerminate", &egl.terminate},
      {"eglBindAPI", &egl.bind_api},
      {"eglChooseConfig", &egl.choose_config},
      {"eglCreateContext", &egl.create_context},
      {"eglDestroyContext", &egl.destroy_context},
      {"eglMakeCurrent", &egl.make_current},
  };
  if (!mg_library_open("libEGL.so.1", sizeof symbols / sizeof *symbols, symbols, why, WHY))
    return false;
  unsigned (*query_devices)(int most, void **devices, int *n) = NULL;
  void *(*get_display)(unsigned platform, void *native, const int *attributes) = NULL;
  EGL_FIND(query_devices, "eglQueryDevicesEXT");
  EGL_FIND(get_display, "eglGetPlatformDisplayEXT");
  void *devices[MAX_DEVICES];
  int n = 0;
  if (!get_display || !query_devices || !query_devices(MAX_DEVICES, devices, &n)) n = 0;
  for (int i = 0; i < n; i++)
    if (egl_begin(get_display(EGL_PLATFORM_DEVICE, devices[i], NULL), c)) return true;
  if (get_display && egl_begin(get_display(EGL_PLATFORM_SURFACELESS, NULL, NULL), c)) return true;
  snprintf(why, WHY, "none of %d devices draws OpenGL", n);
  return false;
}

static void egl_close(mg_gl_context *c) {
  egl.make_current(c->display, NULL, NULL, NULL);
  egl.destroy_context(c->display, c->egl);
  egl.terminate(c->display);
}

/* ---- OSMesa; as in GL/osmesa.h ---- */

enum { OSMESA_RGBA = 0x1908, GL_UNSIGNED_BYTE = 0x1401, OSMESA_SIDE = 16 };

static struct {
  void *(*create)(unsigned format, int depth, int stencil, int accumulation, void *shared);
  void (*destroy)(void *context);
  unsigned char (*make_current)(void *context, void *pixels, unsigned type, int width, int height);
} osmesa;

/* Pictures are drawn into MuJoCo's own buffer, so that the surface may be of any size. */
static bool osmesa_open(mg_gl_context *c, char *why) {
  const mg_symbol symbols[] = {{"OSMesaCreateContextExt", &osmesa.create},
                               {"OSMesaDestroyContext", &osmesa.destroy},
                               {"OSMesaMakeCurrent", &osmesa.make_current}};
  if (!mg_library_open("libOSMesa.so.8", sizeof symbols / sizeof *symbols, symbols, why, WHY))
    return false;
  c->surface = calloc(OSMESA_SIDE * OSMESA_SIDE, 4);
  c->osmesa = c->surface ? osmesa.create(OSMESA_RGBA, 24, 8, 0, NULL) : NULL;
  if (c->osmesa &&
      osmesa.make_current(c->osmesa, c->surface, GL_UNSIGNED_BYTE, OSMESA_SIDE, OSMESA_SIDE))
    return true;
  if (c->osmesa) osmesa.destroy(c->osmesa);
  free(c->surface);
  c->osmesa = c->surface = NULL;
  snprintf(why, WHY, "no context");
  return false;
}

static void osmesa_close(mg_gl_context *c) {
  osmesa.make_current(NULL, NULL, 0, 0, 0);
  osmesa.destroy(c->osmesa);
  free(c->surface);
}

/* ---- either ---- */

/* Who draws, as OpenGL says itself. */
static void describe(mg_gl_context *c) {
  enum { GL_RENDERER = 0x1F01 };
  const unsigned char *(*get_string)(unsigned name) = NULL;
  const mg_symbol symbol = {"glGetString", &get_string};
  char why[WHY];
  if (c->egl)
    EGL_FIND(get_string, "glGetString");
  else if (!mg_library_open("libOSMesa.so.8", 1, &symbol, why, sizeof why))
    get_string = NULL;
  const char *renderer = get_string ? (const char *)get_string(GL_RENDERER) : NULL;
  snprintf(c->description, sizeof c->description, "%s%s%s", c->egl ? "EGL" : "OSMesa",
           renderer ? ", " : "", renderer ? renderer : "");
}

static mg_status open_context(mg_gl_context *c) {
  char no_egl[WHY] = "not asked for", no_osmesa[WHY] = "not asked for";
  const char *asked = getenv("MGAIL_GL");
  const bool any = !asked || !*asked;
  if (!any && strcmp(asked, "egl") != 0 && strcmp(asked, "osmesa") != 0)
    return mg_fail(MG_ERR_CONFIG, "MGAIL_GL=%s: expected egl or osmesa", asked);
  if ((any || strcmp(asked, "egl") == 0) && egl_open(c, no_egl)) return MG_OK;
  if ((any || strcmp(asked, "osmesa") == 0) && osmesa_open(c, no_osmesa)) return MG_OK;
  return mg_fail(MG_ERR_CONFIG,
                 "nothing draws off screen here: EGL: %s; OSMesa: %s; on Debian: apt-get install "
                 "libegl1 libgl1-mesa-dri, or libosmesa6",
                 no_egl, no_osmesa);
}

mg_status mg_gl_acquire(mg_gl_context **context) {
  if (!current) {
    mg_gl_context *c = calloc(1, sizeof *c);
    mg_status status = c ? open_context(c) : mg_fail(MG_ERR_MEMORY, "no memory for OpenGL");
    if (status != MG_OK) {
      free(c);
      return status;
    }
    describe(c);
    current = c;
  }
  current->users++;
  *context = current;
  return MG_OK;
}

void mg_gl_release(mg_gl_context *context) {
  if (!context || --context->users > 0) return;
  if (context->egl)
    egl_close(context);
  else
    osmesa_close(context);
  free(context);
  current = NULL;
}

const char *mg_gl_describe(const mg_gl_context *context) {
  return context->description;
}
