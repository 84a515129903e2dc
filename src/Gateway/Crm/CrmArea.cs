using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.Gateway.Rest;

namespace ZohoPlatform.Gateway.Crm;

/// <summary>What is followed in a company's CRM: CrmService's. Whether the CRM can be worked with is among the tests of the settings.</summary>
internal static class CrmArea
{
    private const string Service = "crm";

    extension(IHostApplicationBuilder builder)
    {
        public void AddCrmArea()
        {
            builder.AddAreaClient<Feeds.FeedsClient>(Service, repeatable: ["ListFeeds", "GetFeed", "ListFeedRuns"]);
            builder.AddAreaClient<CrmCheck.CrmCheckClient>(Service, repeatable: ["Check"]);
        }
    }

    extension(IEndpointRouteBuilder routes)
    {
        public void MapCrmArea() => routes.MapApi().Needs(Service).MapFeeds();
    }
}
