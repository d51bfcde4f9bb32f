package io.topicstream.cdk;

import java.util.List;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.apigateway.CfnAccount;
import software.amazon.awscdk.services.iam.CfnRole;
import software.constructs.Construct;

/// What an account has once in each region: the role by which API Gateway writes logs. Systems come and go without it.
final class AccountStack extends Stack {
    AccountStack(Construct scope, String id, StackProps props) {
        super(scope, id, props);
        CfnRole role = CfnRole.Builder.create(this, "GatewayLogRole")
                .assumeRolePolicyDocument(Statements.trust("apigateway.amazonaws.com"))
                // The one that AWS keeps for this: the gateway looks for exactly these rights when the role is set.
                .managedPolicyArns(List.of(
                        "arn:" + getPartition() + ":iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"))
                .build();
        CfnAccount account = CfnAccount.Builder.create(this, "GatewayAccount")
                .cloudWatchRoleArn(role.getAttrArn())
                .build();
        // Other systems of the account log by it too.
        role.applyRemovalPolicy(RemovalPolicy.RETAIN);
        account.applyRemovalPolicy(RemovalPolicy.RETAIN);
    }
}
