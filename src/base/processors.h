/*
 * How many processors this process may use, which in a container is less than the machine has.
 */
#ifndef BASE_PROCESSORS_H
#define BASE_PROCESSORS_H

/*
 * The processors of the affinity mask, or the time that the control groups (versions 1 and 2) allow, whichever is less;
 * a part of a processor counts as one. At least 1.
 */
unsigned processors(void);

/* The same limit of the control groups alone, as the files below `root` tell it ("" = the system's); 0 = none. */
unsigned processors_of_groups(const char *root);

#endif
