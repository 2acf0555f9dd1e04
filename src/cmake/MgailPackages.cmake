# What cpack makes of an installation: an archive to unpack anywhere, and a Debian package.
# experiments/packages/README.md says how to call it.
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION share/doc/mgail)
if(MUJOCO_ROOT AND EXISTS ${MUJOCO_ROOT}/licenses)
  install(DIRECTORY ${MUJOCO_ROOT}/licenses/ DESTINATION share/doc/mgail/mujoco)
endif()

set(CPACK_GENERATOR TGZ DEB)
set(CPACK_PACKAGE_VENDOR "The mgail developers")
set(CPACK_PACKAGE_CONTACT "The mgail developers")
set(CPACK_PACKAGE_FILE_NAME mgail-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGE_CHECKSUM SHA256)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "Trains policies from a handful of expert trajectories, on one rank or many, and films, records and exports them.")
# Libraries by what the program is linked to, of the system it was built on; MuJoCo comes along.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
if(MUJOCO_ROOT)
  get_filename_component(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${MGAIL_MUJOCO_LIBRARY} DIRECTORY)
endif()
if(MGAIL_MPI)
  set(CPACK_DEBIAN_PACKAGE_DEPENDS openmpi-bin)
endif()
# Found at run time: films, and figures of the report.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ffmpeg, libegl1, libgl1-mesa-dri, libcairo2, gnuplot-nox")
include(CPack)
