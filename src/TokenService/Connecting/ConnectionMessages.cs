using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.TokenService.Budget;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Settings;

namespace ZohoPlatform.TokenService.Connecting;

/// <summary>A connection as others may see it.</summary>
internal static class ConnectionMessages
{
    public static Connection Of(ConnectionRow row, ProviderSettings settings, ProviderUsage usage)
    {
        var provider = settings.Provider;
        var message = new Connection
        {
            Id = row.Id.ToString(),
            Provider = row.Provider,
            ProviderTitle = provider.Title,
            Owner = row.Owner,
            State = row.State,
            StateReason = row.StateReason,
            DataCentre = row.DataCentre,
            ApiDomain = settings.ApiDomainOver(row.ApiDomain),
            Features = { row.Features },
            GrantedScopes = { row.GrantedScopes },
            MissingScopes = { provider.MissingScopes(row.Features, row.ExtraScopes, row.GrantedScopes) },
            OrganizationIds = { settings.OrganizationIdsOver(row.OrganizationId) },
            AccountName = row.AccountNameOver(row.OrganizationId),
            Serves = { settings.ServedBy(row.Id).Select(feature => feature.Name) },
            ExtraScopes = { row.ExtraScopes },
            BroughtAlong = row.IsBroughtAlong,
            CreatedAt = row.CreatedAt.ToTimestamp(),
            LastRefreshedAt = row.LastRefreshedAt?.ToTimestamp(),
            Fingerprint = row.GrantSha256[..8],
            Warnings = { usage.WarningsOf(provider, row) },
            FeatureScopes =
            {
                provider.InOrder(row.Features).Select(feature => new FeatureScopes
                {
                    Feature = feature.Name,
                    NeededScopes = { feature.Scopes },
                    MissingScopes = { provider.MissingScopes([feature.Name], [], row.GrantedScopes) },
                }),
            },
        };
        if (usage.BudgetLeftOf(provider, row) is { } left)
        {
            message.BudgetLeft = left;
        }

        return message;
    }
}
