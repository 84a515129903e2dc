using ZohoPlatform.Api.Crm;
using ZohoPlatform.Gateway.Rest;
using static ZohoPlatform.Gateway.Rest.ContractValues;
using Contract = ZohoPlatform.Contracts.Crm.V1;

namespace ZohoPlatform.Gateway.Crm;

internal static class FeedMapping
{
    extension(Contract.Feed feed)
    {
        public Feed ToApi() => new(
            feed.Id,
            feed.ConnectionId,
            feed.Module,
            feed.State.As<FeedState>(),
            feed.Records,
            feed.Fields,
            feed.MissingFields,
            feed.Subscribers)
        {
            KnownUntilAt = Time(feed.KnownUntil),
            ComparedAt = Time(feed.ComparedAt),
            NotifiedAt = Time(feed.NotifiedAt),
            Progress = feed.Progress is { } progress ? ToApi(progress) : null,
            Code = OrNull(feed.Code),
            Message = OrNull(feed.Message),
            FailedSinceAt = Time(feed.FailedSince),
            Vanishing = feed.State is Contract.Feed.Types.State.Asking ? feed.Vanishing : null,
        };
    }

    extension(Contract.FeedRun run)
    {
        public FeedRun ToApi() => new(
            run.Id,
            run.Kind.As<FeedRunKind>(),
            run.StartedAt.ToDateTimeOffset(),
            run.EndedAt.ToDateTimeOffset(),
            run.Read,
            run.Written,
            run.Deleted,
            run.Calls,
            run.Records);
    }

    private static FeedProgress ToApi(Contract.FeedProgress progress) => new(
        progress.Kind.As<FeedRunKind>(),
        progress.StartedAt.ToDateTimeOffset(),
        progress.Read,
        progress.Written,
        progress.Deleted,
        progress.Calls,
        progress.PerSecond)
    {
        Expected = progress.HasExpected ? progress.Expected : null,
        EtaAt = Time(progress.EndsAt),
    };
}
