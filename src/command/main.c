#include <stdio.h>

int main(void)
{
    puts("forestd " FORESTD_VERSION);
    return 0;
}
