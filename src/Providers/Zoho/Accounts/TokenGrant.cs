using System.Text;

namespace ZohoPlatform.Providers.Zoho.Accounts;

/// <summary>What Zoho Accounts grants for a code or a refresh token.</summary>
/// <param name="AccessToken">Valid in the data centre that gave it.</param>
/// <param name="RefreshToken">Only for a code, and only with offline access and a new consent. A refresh never brings one: the old one
/// stays valid.</param>
/// <param name="ExpiresIn">Life of the access token; an hour at the time of writing.</param>
/// <param name="Scopes">What was granted; empty where Zoho does not say.</param>
/// <param name="ApiDomain">Scheme and host of the product APIs as the data-centre table has them; null where Zoho names none that is in
/// it.</param>
public sealed record TokenGrant(
    string AccessToken, string? RefreshToken, TimeSpan ExpiresIn, IReadOnlyList<string> Scopes, string? ApiDomain)
{
    // a record prints all its members, and these must not reach a log
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("ExpiresIn = ").Append(ExpiresIn).Append(", ApiDomain = ").Append(ApiDomain);
        return true;
    }
}
