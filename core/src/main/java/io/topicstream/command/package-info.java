/// What a client can ask for, one file each: what it needs, what it checks, what it does. Every front door runs
/// these same commands, so that a check made here covers them all.
@NullMarked
package io.topicstream.command;

import org.jspecify.annotations.NullMarked;
