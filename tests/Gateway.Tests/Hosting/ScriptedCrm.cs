using Grpc.Core;
using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Tests.Hosting;

/// <summary>What CrmService answers.</summary>
internal sealed class ScriptedCrm
{
    public Func<ReceiveRequest, Caller, Task>? Receive { get; set; }

    /// <summary>The connection that serves the CRM; there is none where a test says nothing.</summary>
    public Func<Connection> ResolveConnection { get; set; } = NotConnected;

    public Func<CheckRequest, Caller, CheckResponse>? Check { get; set; }

    public Func<Caller, ListFeedsResponse>? ListFeeds { get; set; }

    public Func<string, ListFeedRunsResponse>? ListFeedRuns { get; set; }

    /// <summary>Any method that answers a feed: told what it was asked.</summary>
    public Func<object, Caller, Feed>? OneFeed { get; set; }

    public static Connection SwitchedOff() =>
        throw new Failure(FailureKind.Precondition, "crm_disabled", "The CRM is switched off.").ToRpcException();

    public static Connection NotConnected() =>
        throw new Failure(FailureKind.Precondition, "not_connected", "Nothing is connected for the CRM.").ToRpcException();
}

internal sealed class NotificationsScript(ScriptedServices services) : Notifications.NotificationsBase
{
    public override async Task<ReceiveResponse> Receive(ReceiveRequest request, ServerCallContext context)
    {
        await (services.Crm.Receive ?? throw ScriptedServices.NotSaid())(request, context.Caller);
        return new ReceiveResponse();
    }
}

internal sealed class CrmCheckScript(ScriptedServices services) : CrmCheck.CrmCheckBase
{
    public override Task<CheckResponse> Check(CheckRequest request, ServerCallContext context) =>
        Task.FromResult((services.Crm.Check ?? throw ScriptedServices.NotSaid())(request, context.Caller));
}

internal sealed class FeedsScript(ScriptedServices services) : Feeds.FeedsBase
{
    public override Task<ListFeedsResponse> ListFeeds(ListFeedsRequest request, ServerCallContext context) =>
        Task.FromResult((services.Crm.ListFeeds ?? throw ScriptedServices.NotSaid())(context.Caller));

    public override Task<ListFeedRunsResponse> ListFeedRuns(ListFeedRunsRequest request, ServerCallContext context) =>
        Task.FromResult((services.Crm.ListFeedRuns ?? throw ScriptedServices.NotSaid())(request.Id));

    public override Task<Feed> GetFeed(GetFeedRequest request, ServerCallContext context) => AnswerAsync(request, context);

    public override Task<Feed> RefreshFeed(RefreshFeedRequest request, ServerCallContext context) => AnswerAsync(request, context);

    public override Task<Feed> PauseFeed(PauseFeedRequest request, ServerCallContext context) => AnswerAsync(request, context);

    public override Task<Feed> ResumeFeed(ResumeFeedRequest request, ServerCallContext context) => AnswerAsync(request, context);

    public override Task<Feed> ConfirmDeletions(ConfirmDeletionsRequest request, ServerCallContext context) => AnswerAsync(request, context);

    private Task<Feed> AnswerAsync(object request, ServerCallContext context) =>
        Task.FromResult((services.Crm.OneFeed ?? throw ScriptedServices.NotSaid())(request, context.Caller));
}
