using System.Globalization;
using System.Runtime.CompilerServices;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>How much Zoho CRM takes at once: whoever calls with more has a fault, which is found before anything is sent.</summary>
internal static class CrmBounds
{
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="number"/> is less or more.</exception>
    public static void Check(int number, int least, int most, [CallerArgumentExpression(nameof(number))] string? what = null)
    {
        if (number < least || number > most)
        {
            throw new ArgumentOutOfRangeException(
                nameof(number), number, string.Create(CultureInfo.InvariantCulture, $"{what} must be {least} to {most}."));
        }
    }
}
