# Writes OUTPUT from INPUT with the release and the state of the source tree; touches the file only
# when that changed, so that a build without changes compiles nothing.
set(MGAIL_GIT unknown)
find_program(GIT git)
if(GIT)
  execute_process(COMMAND ${GIT} describe --always --dirty WORKING_DIRECTORY ${SOURCE_DIR}
                  OUTPUT_VARIABLE described ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE
                  RESULT_VARIABLE failed)
  if(NOT failed AND described)
    set(MGAIL_GIT ${described})
  endif()
endif()
configure_file(${INPUT} ${OUTPUT} @ONLY)
