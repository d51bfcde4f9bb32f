package io.topicstream.cdk;

import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Stack;

/// The dashboard, the alarms, and whom they tell.
final class Monitoring {
    private Monitoring() {}

    static void make(Stack stack, Inputs inputs, Storage storage, Doors doors, Events events) {
        Inputs.Monitored monitored = inputs.monitoring();
        if (monitored.isThere().isNever()) {
            return;
        }
        AlarmTopic topic = new AlarmTopic(stack, inputs, storage);
        Alarms alarms = new Alarms(stack, inputs, topic);
        alarms.ofDoors(doors);
        if (!monitored.refusals().isNever()) {
            alarms.ofRefusals(doors.sockets());
        }
        alarms.ofFunction(monitored.isThere(), doors.sockets().function());
        alarms.ofFunction(monitored.isThere(), doors.http().function());
        alarms.ofReader(monitored.isThere(), doors.archiver());
        @Nullable SystemFunction teller = events.teller();
        if (teller != null) {
            alarms.ofReader(monitored.tells(), teller);
        }
        alarms.ofTable(storage);
        @Nullable Distribution workflow = events.workflow();
        if (workflow != null) {
            alarms.ofWorkflow(workflow);
        }
        Dashboard dashboard = new Dashboard(stack, inputs, storage, doors, events, alarms);
        new Outputs(stack).monitoring(monitored.isThere(), dashboard, topic);
    }
}
