package io.topicstream.cdk;

import software.amazon.awscdk.CfnCondition;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.CfnResource;
import software.amazon.awscdk.Fn;

/// Yes or no: said when a template is written, or by a parameter when it is deployed.
sealed interface Choice {
    Choice YES = new Made(true);
    Choice NO = new Made(false);

    static Choice of(boolean isYes) {
        return isYes ? YES : NO;
    }

    /// Whether it is no for good, so that nothing need be written for it.
    boolean isNever();

    /// Has resources there only where it is yes.
    <R extends CfnResource> R only(R resource);

    /// Has an output there only where it is yes.
    void only(CfnOutput output);

    /// One of two values of a property.
    Object of(Object yes, Object no);

    /// One of two texts.
    String text(String yes, String no);

    /// One that was said when the template was written.
    ///
    /// @param isYes what it is
    record Made(boolean isYes) implements Choice {
        @Override
        public boolean isNever() {
            return !isYes;
        }

        /// @throws IllegalStateException if it is no: then nothing should have been made
        @Override
        public <R extends CfnResource> R only(R resource) {
            requireYes();
            return resource;
        }

        @Override
        public void only(CfnOutput output) {
            requireYes();
        }

        private void requireYes() {
            if (!isYes) {
                throw new IllegalStateException("something was made that nobody chose");
            }
        }

        @Override
        public Object of(Object yes, Object no) {
            return isYes ? yes : no;
        }

        @Override
        public String text(String yes, String no) {
            return isYes ? yes : no;
        }
    }

    /// One that is said when the template is deployed.
    ///
    /// @param condition of the template that it stands in
    record Asked(CfnCondition condition) implements Choice {
        @Override
        public boolean isNever() {
            return false;
        }

        @Override
        public <R extends CfnResource> R only(R resource) {
            resource.getCfnOptions().setCondition(condition);
            return resource;
        }

        @Override
        public void only(CfnOutput output) {
            output.setCondition(condition);
        }

        @Override
        public Object of(Object yes, Object no) {
            return Fn.conditionIf(condition.getLogicalId(), yes, no);
        }

        @Override
        public String text(String yes, String no) {
            return Fn.conditionIf(condition.getLogicalId(), yes, no).toString();
        }
    }
}
