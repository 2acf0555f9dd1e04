# Imported targets for everything outside this project, each with one sentence when it is missing.
find_package(PkgConfig REQUIRED)

find_path(MGAIL_RANDOM123_INCLUDE Random123/philox.h)
if(NOT MGAIL_RANDOM123_INCLUDE)
  message(FATAL_ERROR "Random123/philox.h not found; on Debian: apt-get install librandom123-dev")
endif()
add_library(mg_random123 INTERFACE)
target_include_directories(mg_random123 SYSTEM INTERFACE ${MGAIL_RANDOM123_INCLUDE})

pkg_check_modules(OPENBLAS REQUIRED IMPORTED_TARGET openblas)
if(MGAIL_LIBXSMM)
  # Its pkg-config file knows the static library alone, and what it links.
  pkg_check_modules(LIBXSMM REQUIRED IMPORTED_TARGET libxsmm)
  set(MGAIL_LIBXSMM_TARGET PkgConfig::LIBXSMM)
endif()
pkg_check_modules(INIH REQUIRED IMPORTED_TARGET inih)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
find_package(ZLIB REQUIRED)

set(HDF5_PREFER_PARALLEL OFF)
find_package(HDF5 REQUIRED COMPONENTS C HL)
add_library(mg_hdf5 INTERFACE)
target_include_directories(mg_hdf5 SYSTEM INTERFACE ${HDF5_C_INCLUDE_DIRS})
target_link_libraries(mg_hdf5 INTERFACE ${HDF5_C_LIBRARIES})
add_library(mg_hdf5_hl INTERFACE) # dimension scales
target_link_libraries(mg_hdf5_hl INTERFACE ${HDF5_C_HL_LIBRARIES} mg_hdf5)

if(MGAIL_MPI)
  find_package(MPI REQUIRED COMPONENTS C)
endif()

# MuJoCo: an unpacked release under MUJOCO_ROOT (include/mujoco/mujoco.h and libmujoco.so* in
# lib/ or at the top), else the distribution's package.
if(MUJOCO_ROOT)
  find_path(MGAIL_MUJOCO_INCLUDE mujoco/mujoco.h PATHS ${MUJOCO_ROOT} PATH_SUFFIXES include
            NO_DEFAULT_PATH)
  file(GLOB found ${MUJOCO_ROOT}/libmujoco.so* ${MUJOCO_ROOT}/lib/libmujoco.so*)
  list(SORT found)
  list(POP_BACK found MGAIL_MUJOCO_LIBRARY) # the one with the release in its name
  if(NOT MGAIL_MUJOCO_INCLUDE OR NOT MGAIL_MUJOCO_LIBRARY)
    message(FATAL_ERROR "MUJOCO_ROOT=${MUJOCO_ROOT} holds no include/mujoco/mujoco.h or no "
                        "libmujoco.so*")
  endif()
else()
  find_path(MGAIL_MUJOCO_INCLUDE mujoco/mujoco.h)
  find_library(MGAIL_MUJOCO_LIBRARY mujoco)
  if(NOT MGAIL_MUJOCO_INCLUDE OR NOT MGAIL_MUJOCO_LIBRARY)
    message(FATAL_ERROR "MuJoCo not found: give -DMUJOCO_ROOT=, or on Debian: "
                        "apt-get install libmujoco-dev")
  endif()
endif()
add_library(mg_mujoco SHARED IMPORTED)
set_target_properties(mg_mujoco PROPERTIES IMPORTED_LOCATION ${MGAIL_MUJOCO_LIBRARY}
                      IMPORTED_NO_SONAME OFF)
target_include_directories(mg_mujoco SYSTEM INTERFACE ${MGAIL_MUJOCO_INCLUDE})
