/// What is deployed on AWS: the stacks, and the template of all in one.
@NullMarked
package io.topicstream.cdk;

import org.jspecify.annotations.NullMarked;
