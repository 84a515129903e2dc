using System.Text;

namespace ZohoPlatform.Providers.OAuth;

/// <summary>What a provider grants for a code or a refresh token.</summary>
/// <param name="AccessToken">At Zoho valid in the data centre that gave it.</param>
/// <param name="RefreshToken">
/// Zoho: only for a code, and only with offline access and a new consent; a refresh brings none, and the old one stays valid. HubSpot: with
/// every answer, usually the same one; another one takes the old one's place.
/// </param>
/// <param name="ExpiresIn">Life of the access token; at the time of writing an hour at Zoho and 30 minutes at HubSpot.</param>
/// <param name="Scopes">What was granted; empty where the provider does not say.</param>
/// <param name="ApiDomain">
/// Scheme and host of the product APIs: at Zoho as the data-centre table has them, null where Zoho names none that is in it.
/// </param>
/// <param name="OrganizationId">The HubSpot portal that the grant opens; null where the answer does not name it, and for Zoho.</param>
public sealed record TokenGrant(
    string AccessToken,
    string? RefreshToken,
    TimeSpan ExpiresIn,
    IReadOnlyList<string> Scopes,
    string? ApiDomain,
    string? OrganizationId = null)
{
    // a record prints all its members, and these must not reach a log
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("ExpiresIn = ").Append(ExpiresIn).Append(", ApiDomain = ").Append(ApiDomain);
        return true;
    }
}
