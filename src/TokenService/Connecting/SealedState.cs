using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Connecting;

/// <summary>What the <c>state</c> parameter carries through the provider, sealed: nobody can read, change or make one.</summary>
internal sealed record SealedState(Guid Tenant, Guid Id, string BrowserSha256)
{
    public TenantId TenantId => new(Tenant);

    public bool IsOfBrowser(string browserSha256) => CryptographicOperations.FixedTimeEquals(
        Encoding.ASCII.GetBytes(BrowserSha256), Encoding.ASCII.GetBytes(browserSha256));

    public string Seal(IDataProtectionProvider protection) => Protector(protection).Protect(JsonSerializer.Serialize(this));

    public static Result<SealedState> Open(IDataProtectionProvider protection, string text)
    {
        try
        {
            return JsonSerializer.Deserialize<SealedState>(Protector(protection).Unprotect(text))!;
        }
        catch (CryptographicException)
        {
            return AuthorizationFailures.StateInvalid;
        }
    }

    private static IDataProtector Protector(IDataProtectionProvider protection) => protection.CreateProtector("authorization_state");
}
