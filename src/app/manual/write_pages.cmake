# OUTPUT/mgail.1 and OUTPUT/mgail-COMMAND.1 <- what PROGRAM prints of itself and of each command.
file(REMOVE_RECURSE ${OUTPUT})
file(MAKE_DIRECTORY ${OUTPUT})
execute_process(COMMAND ${PROGRAM} --help=completion OUTPUT_VARIABLE table COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "command\t[a-z]+" commands "${table}")
execute_process(COMMAND ${PROGRAM} --help=man OUTPUT_FILE ${OUTPUT}/mgail.1 COMMAND_ERROR_IS_FATAL ANY)
foreach(command IN LISTS commands)
  string(REPLACE "command\t" "" command ${command})
  execute_process(COMMAND ${PROGRAM} ${command} --help=man OUTPUT_FILE ${OUTPUT}/mgail-${command}.1
                  COMMAND_ERROR_IS_FATAL ANY)
endforeach()
